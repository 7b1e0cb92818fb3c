package io.stackwright.operator.inputs;

import java.util.Map;
import java.util.Optional;

/**
 * Reads the Secrets and ConfigMaps that a Stack refers to, as they are now. Throws {@link ReadRefusedException} where the
 * operator may not.
 */
public interface ReferenceReader {

    /** Data of a Secret, decoded; empty when it does not exist. */
    Optional<Map<String, byte[]>> secret(String namespace, String name);

    /** Data and binary data of a ConfigMap; empty when it does not exist. */
    Optional<Map<String, byte[]>> configMap(String namespace, String name);
}
