package io.stackwright.operator.inputs;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The secret key of this installation's fingerprints.
 *
 * @param keyId tells keys apart without telling the key: the first 8 hexadecimal digits of its SHA-256
 * @param bytes the key, at least 32 bytes
 */
public record FingerprintKey(String keyId, byte[] bytes) {

    private static final int MIN_BYTES = 32;

    public FingerprintKey {
        bytes = bytes.clone();
    }

    /**
     * A key with its id.
     *
     * @throws IllegalArgumentException when it is shorter than 32 bytes
     */
    public static FingerprintKey of(byte[] bytes) {
        if (bytes.length < MIN_BYTES) {
            throw new IllegalArgumentException("a fingerprint key has at least " + MIN_BYTES + " bytes");
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new FingerprintKey(HexFormat.of().formatHex(digest, 0, 4), bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FingerprintKey key && MessageDigest.isEqual(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return keyId.hashCode();
    }

    /** The key is secret. */
    @Override
    public String toString() {
        return "FingerprintKey[" + keyId + "]";
    }
}
