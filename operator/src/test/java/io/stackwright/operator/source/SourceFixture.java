package io.stackwright.operator.source;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.ConfigMapSource;
import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.LocalRef;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.operator.inputs.ReadRefusedException;
import io.stackwright.operator.inputs.ReferenceReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Settings, Secrets and specs for tests of sources. */
final class SourceFixture implements ReferenceReader {

    static final String PROJECT = "name: shop\nruntime: yaml\n";
    static final StackKey STACK = new StackKey("team-a", "shop");

    private final Map<String, Map<String, byte[]>> secrets = new ConcurrentHashMap<>();
    private final Map<String, Map<String, byte[]>> configMaps = new ConcurrentHashMap<>();
    private volatile boolean refused;

    static SourceLimits settings(Path data, Set<String> allowedHosts, Duration timeout, long maxBytes) {
        return new SourceLimits(data, allowedHosts, maxBytes, timeout);
    }

    static ProjectSource git(String url, String branch, String tag, String commit, String path, String secret) {
        LocalRef ref = secret == null ? null : new LocalRef(secret);
        return new ProjectSource(null, new GitSource(url, branch, tag, commit, path, ref, null), null, null);
    }

    static ProjectSource inline(JsonNode program) {
        return new ProjectSource(program, null, null, null);
    }

    static ProjectSource configMap(String name) {
        return new ProjectSource(null, null, new ConfigMapSource(name), null);
    }

    void secret(String name, Map<String, String> data) {
        secrets.put(name, bytes(data));
    }

    void configMap(String name, Map<String, String> data) {
        configMaps.put(name, bytes(data));
    }

    void binaryConfigMap(String name, Map<String, byte[]> data) {
        configMaps.put(name, data);
    }

    /** From now on the operator may read nothing. */
    void refuse() {
        refused = true;
    }

    private void check(String name) {
        if (refused) {
            throw new ReadRefusedException("may not read " + name, null);
        }
    }

    @Override
    public Optional<Map<String, byte[]>> secret(String namespace, String name) {
        check(name);
        return Optional.ofNullable(secrets.get(name));
    }

    @Override
    public Optional<Map<String, byte[]>> configMap(String namespace, String name) {
        check(name);
        return Optional.ofNullable(configMaps.get(name));
    }

    private static Map<String, byte[]> bytes(Map<String, String> data) {
        Map<String, byte[]> bytes = new HashMap<>();
        data.forEach((key, value) -> bytes.put(key, value.getBytes(StandardCharsets.UTF_8)));
        return bytes;
    }
}
