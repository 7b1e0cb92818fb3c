package io.stackwright.operator.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Derives encryption keys from passphrases and remembers the ones used last.
 *
 * <p>A derivation is slow on purpose: some 0.8 s of processor time, twice that the first time, and over 4 s where Java has
 * only its first compiler ({@code -XX:TieredStopAtLevel=1}), which knows no processor's instructions for the digest. A
 * stack's passphrase and salt do not change between its runs. Safe for use by several threads.
 */
public final class PassphraseKeys {

    private static final int ITERATIONS = 1_000_000;
    private static final int KEY_BITS = 256;

    private final Map<String, SecretKey> keys;

    /** @param capacity how many keys to remember, the least recently used one goes first */
    public PassphraseKeys(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity must be positive");
        }
        this.keys = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, SecretKey> eldest) {
                return size() > capacity;
            }
        };
    }

    SecretKey derive(String passphrase, byte[] salt) {
        String id = digest(passphrase, salt);
        synchronized (keys) {
            SecretKey known = keys.get(id);
            if (known != null) {
                return known;
            }
        }
        SecretKey derived = pbkdf2(passphrase, salt);
        synchronized (keys) {
            keys.put(id, derived);
        }
        return derived;
    }

    int size() {
        synchronized (keys) {
            return keys.size();
        }
    }

    private static SecretKey pbkdf2(String passphrase, byte[] salt) {
        PBEKeySpec spec = new PBEKeySpec(passphrase.toCharArray(), salt, ITERATIONS, KEY_BITS);
        try {
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(spec)
                    .getEncoded();
            return new SecretKeySpec(key, "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    private static String digest(String passphrase, byte[] salt) {
        byte[] text = passphrase.getBytes(StandardCharsets.UTF_8);
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, salt.length));
            sha.update(salt);
            return HexFormat.of().formatHex(sha.digest(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
