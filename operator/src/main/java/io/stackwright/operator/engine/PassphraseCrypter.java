package io.stackwright.operator.engine;

import io.stackwright.api.v1alpha1.Reason;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Encrypts and decrypts values of one stack as Pulumi's {@code passphrase} secrets provider does.
 *
 * <p>What it encrypts goes as {@code secure:} into the stack settings file, whose {@code encryptionsalt} must be
 * {@link #encryptionSalt()}: so no secret has to pass through a command line or a process. The salt must be created
 * once per stack and kept: with another one, Pulumi re-encrypts the whole state.
 */
public final class PassphraseCrypter {

    private static final String VERSION = "v1";
    private static final String VERIFIER = "pulumi";
    private static final int SALT_BYTES = 8;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKey key;
    private final String encryptionSalt;

    private PassphraseCrypter(SecretKey key, String encryptionSalt) {
        this.key = key;
        this.encryptionSalt = encryptionSalt;
    }

    /** A crypter with a new random salt. */
    public static PassphraseCrypter create(String passphrase, PassphraseKeys keys) {
        byte[] salt = new byte[SALT_BYTES];
        RANDOM.nextBytes(salt);
        SecretKey key = keys.derive(passphrase, salt);
        return new PassphraseCrypter(
                key, VERSION + ":" + Base64.getEncoder().encodeToString(salt) + ":" + encrypt(key, VERIFIER));
    }

    /**
     * A crypter for a stack that has a salt.
     *
     * @param encryptionSalt the {@code encryptionsalt} of a stack settings file or of a state
     * @throws EngineException {@code PassphraseIncorrect} when the passphrase is not the one the salt was made with
     * @throws IllegalArgumentException when the text is not an {@code encryptionsalt}
     */
    public static PassphraseCrypter open(String passphrase, String encryptionSalt, PassphraseKeys keys) {
        String[] parts = encryptionSalt.split(":", 3);
        if (parts.length != 3 || !parts[0].equals(VERSION)) {
            throw new IllegalArgumentException("not an encryptionsalt of version 1");
        }
        SecretKey key = keys.derive(passphrase, Base64.getDecoder().decode(parts[1]));
        PassphraseCrypter crypter = new PassphraseCrypter(key, encryptionSalt);
        if (!crypter.decrypt(parts[2]).equals(VERIFIER)) {
            throw incorrect(null);
        }
        return crypter;
    }

    /** What {@code encryptionsalt} of the stack settings file must be; the same text for the life of the stack. */
    public String encryptionSalt() {
        return encryptionSalt;
    }

    /** The value as it stands after {@code secure:}; different each time, a nonce is part of it. */
    public String encrypt(String plaintext) {
        return encrypt(key, plaintext);
    }

    /**
     * The plain value of a {@code secure:} text.
     *
     * @throws EngineException {@code PassphraseIncorrect} when it was encrypted with another key, or was damaged
     * @throws IllegalArgumentException when the text has another form
     */
    public String decrypt(String ciphertext) {
        String[] parts = ciphertext.split(":", 3);
        if (parts.length != 3 || !parts[0].equals(VERSION)) {
            throw new IllegalArgumentException("not a value encrypted by version 1");
        }
        byte[] nonce = Base64.getDecoder().decode(parts[1]);
        try {
            Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce);
            return new String(cipher.doFinal(Base64.getDecoder().decode(parts[2])), StandardCharsets.UTF_8);
        } catch (AEADBadTagException e) {
            throw incorrect(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a value encrypted by version 1", e);
        }
    }

    private static String encrypt(SecretKey key, String plaintext) {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(plaintext.getBytes(StandardCharsets.UTF_8));
            Base64.Encoder base64 = Base64.getEncoder();
            return VERSION + ":" + base64.encodeToString(nonce) + ":" + base64.encodeToString(sealed);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no AES/GCM", e);
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static EngineException incorrect(Exception cause) {
        return new EngineException(
                new Failure(
                        Failure.Kind.INVALID,
                        Reason.PassphraseIncorrect,
                        "the passphrase does not open the stack's secrets"),
                cause);
    }
}
