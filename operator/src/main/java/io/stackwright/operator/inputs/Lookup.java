package io.stackwright.operator.inputs;

import io.stackwright.api.v1alpha1.KeyRef;
import io.stackwright.operator.inputs.References.Kind;
import io.stackwright.operator.inputs.References.Reference;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Looks up references for one resolution: reads each object once and collects what is missing or unusable. */
final class Lookup {

    private static final String OR_OPTIONAL = ", or set `optional: true`";

    private final String namespace;
    private final ReferenceReader reader;
    private final Map<Reference, Read> objects = new HashMap<>();
    private final Set<String> secrets = new LinkedHashSet<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<String> invalid = new ArrayList<>();

    /**
     * What came of reading an object.
     *
     * @param refusal why the operator may not, in which case nobody knows whether there are data
     */
    private record Read(Optional<Map<String, byte[]>> data, Optional<String> refusal) {}

    Lookup(String namespace, ReferenceReader reader) {
        this.namespace = namespace;
        this.reader = reader;
    }

    /** The value of whichever of the two references is set; empty when it is optional, missing or unusable. */
    Optional<String> text(String field, KeyRef secret, KeyRef configMap) {
        if (secret == null && configMap == null) {
            invalid.add(field + ": neither secretKeyRef nor configMapKeyRef is set");
            return Optional.empty();
        }
        return secret != null
                ? key(field + ".secretKeyRef", Kind.SECRET, secret, secret.isOptional(), OR_OPTIONAL)
                : key(field + ".configMapKeyRef", Kind.CONFIG_MAP, configMap, configMap.isOptional(), OR_OPTIONAL);
    }

    /** The value of a Secret's key that cannot be done without, whatever the reference says. */
    Optional<String> required(String field, KeyRef secret) {
        if (secret == null) {
            invalid.add(field + ": secretKeyRef is not set");
            return Optional.empty();
        }
        return key(field + ".secretKeyRef", Kind.SECRET, secret, false, "");
    }

    /** All data of an object; empty when it is missing. */
    Optional<Map<String, byte[]>> object(String field, Kind kind, String name, boolean optional) {
        return object(field, kind, name, optional, OR_OPTIONAL);
    }

    private Optional<Map<String, byte[]>> object(
            String field, Kind kind, String name, boolean optional, String remedy) {
        if (name == null || name.isEmpty()) {
            invalid.add(field + ": the name of the " + kind + " is not set");
            return Optional.empty();
        }
        Read read = objects.computeIfAbsent(new Reference(kind, name), this::read);
        if (read.refusal().isPresent()) {
            // Optional or not: it may be there.
            refused.add(field + ": " + read.refusal().get());
        } else if (read.data().isEmpty() && !optional) {
            missing.add(field + ": " + kind + " `" + name + "` does not exist; create it" + remedy);
        }
        return read.data();
    }

    private Read read(Reference reference) {
        try {
            return new Read(
                    switch (reference.kind()) {
                        case SECRET -> reader.secret(namespace, reference.name());
                        case CONFIG_MAP -> reader.configMap(namespace, reference.name());
                    },
                    Optional.empty());
        } catch (ReadRefusedException e) {
            return new Read(Optional.empty(), Optional.of(e.getMessage()));
        }
    }

    /** The bytes as text; a Secret's is remembered for the redactor. */
    Optional<String> decode(String field, Kind kind, String name, String key, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            if (kind == Kind.SECRET && !text.isEmpty()) {
                secrets.add(text);
            }
            return Optional.of(text);
        } catch (CharacterCodingException e) {
            invalid.add(field + ": key `" + key + "` of " + kind + " `" + name
                    + "` is not UTF-8 text; store it as text, for example in base64");
            return Optional.empty();
        }
    }

    Set<String> secrets() {
        return secrets;
    }

    List<String> missing() {
        return missing;
    }

    List<String> refused() {
        return refused;
    }

    List<String> invalid() {
        return invalid;
    }

    private Optional<String> key(String field, Kind kind, KeyRef ref, boolean optional, String remedy) {
        Optional<Map<String, byte[]>> data = object(field, kind, ref.name(), optional, remedy);
        if (data.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes = data.get().get(ref.key());
        if (bytes == null) {
            if (!optional) {
                missing.add(field + ": " + kind + " `" + ref.name() + "` has no key `" + ref.key() + "`; add the key"
                        + remedy);
            }
            return Optional.empty();
        }
        return decode(field, kind, ref.name(), ref.key(), bytes);
    }
}
