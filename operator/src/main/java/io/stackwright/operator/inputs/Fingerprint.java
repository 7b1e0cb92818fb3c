package io.stackwright.operator.inputs;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.InstallPolicy;
import io.stackwright.api.v1alpha1.OutputsSpec;
import io.stackwright.api.v1alpha1.StackSpec;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A keyed digest over everything that an up depends on: two equal ones mean that there is nothing to do.
 *
 * <p>In it: the source, {@code project.install}, {@code config}, {@code configFrom}, {@code env}, {@code envFrom} and
 * the passphrase by value, {@code tags}, and name and keys of the outputs Secret: an up publishes to it. Not in it: how
 * runs are done ({@code updates}, {@code execution}, {@code historyLimit}, {@code suspend}), what happens at the end ({@code
 * deletionPolicy}, {@code outputs.secret.retain}), and the stack's identity, which is pinned: a difference there is
 * never a reason to run.
 *
 * <p>The key keeps a reader of the status from trying out values.
 */
public final class Fingerprint {

    private static final String ALGORITHM = "HmacSHA256";
    private static final String VERSION = "stackwright/1";

    private final FingerprintKey key;

    public Fingerprint(FingerprintKey key) {
        this.key = key;
    }

    /** Which key this one works with. */
    public String keyId() {
        return key.keyId();
    }

    /**
     * The fingerprint.
     *
     * @param sourceDigest digest over the content below the project's path
     * @return {@code hmac-sha256:} and 64 hexadecimal digits
     */
    public String of(String sourceDigest, StackSpec spec, ResolvedInputs inputs) {
        Writer writer = new Writer(key);
        writer.text(VERSION);
        writer.text(sourceDigest);
        boolean never = spec.project() != null && spec.project().install() == InstallPolicy.Never;
        writer.text(never ? "Never" : "Auto");
        writer.map(spec.tags() == null ? Map.of() : spec.tags());
        writer.outputs(spec.outputs() == null ? null : spec.outputs().secret());
        writer.inputs(inputs);
        return "hmac-sha256:" + HexFormat.of().formatHex(writer.mac.doFinal());
    }

    /**
     * What a destroy is done with: as long as it is the same, one that failed is not tried again out of turn.
     *
     * @param generation of the Stack: any change of the spec is a reason
     * @param sourceDigest where a destroy takes the source as it is now
     */
    public String ofDeletion(long generation, Optional<String> sourceDigest, ResolvedInputs inputs) {
        Writer writer = new Writer(key);
        writer.text(VERSION);
        writer.text(sourceDigest.orElse(""));
        writer.inputs(inputs);
        return "deletion@" + generation + "/hmac-sha256:" + HexFormat.of().formatHex(writer.mac.doFinal());
    }

    /** Unambiguous: each text with its length, each collection with its size, maps by key. */
    private static final class Writer {

        private final Mac mac;

        Writer(FingerprintKey key) {
            try {
                mac = Mac.getInstance(ALGORITHM);
                mac.init(new SecretKeySpec(key.bytes(), ALGORITHM));
            } catch (NoSuchAlgorithmException | InvalidKeyException e) {
                throw new IllegalStateException(e);
            }
        }

        void inputs(ResolvedInputs inputs) {
            List<ConfigEntry> config = new ArrayList<>(inputs.config());
            config.sort(Comparator.comparing(ConfigEntry::key).thenComparing(ConfigEntry::path));
            count(config.size());
            for (ConfigEntry entry : config) {
                text(entry.key());
                text((entry.path() ? "path" : "key") + (entry.secret() ? " secret" : " plain"));
                json(entry.value());
            }
            map(inputs.environment());
            text(inputs.passphrase().isPresent() ? "passphrase" : "generated");
            text(inputs.passphrase().orElse(""));
        }

        void count(int count) {
            mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, count));
        }

        void text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            count(bytes.length);
            mac.update(bytes);
        }

        void map(Map<String, String> map) {
            count(map.size());
            new TreeMap<>(map).forEach((name, value) -> {
                text(name);
                text(value == null ? "" : value);
            });
        }

        void outputs(OutputsSpec.OutputSecret secret) {
            text(secret == null || secret.name() == null ? "" : secret.name());
            boolean all = secret == null || secret.keys() == null;
            text(all ? "all" : "mapped");
            map(all ? Map.of() : secret.keys());
        }

        void json(JsonNode value) {
            mac.update((byte) value.getNodeType().ordinal());
            switch (value.getNodeType()) {
                case OBJECT -> {
                    count(value.size());
                    TreeMap<String, JsonNode> sorted = new TreeMap<>();
                    value.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
                    sorted.forEach((name, child) -> {
                        text(name);
                        json(child);
                    });
                }
                case ARRAY -> {
                    count(value.size());
                    value.forEach(this::json);
                }
                case NUMBER -> text(number(value));
                default -> text(value.asText());
            }
        }

        /** The API server turns {@code 1.0} into {@code 1}: so do we. */
        private static String number(JsonNode value) {
            BigDecimal exact = value.decimalValue();
            return exact.signum() == 0 ? "0" : exact.stripTrailingZeros().toString();
        }
    }
}
