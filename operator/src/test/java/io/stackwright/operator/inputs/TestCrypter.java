package io.stackwright.operator.inputs;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.function.UnaryOperator;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** Pulumi's passphrase encryption, as little as these tests need. */
final class TestCrypter implements UnaryOperator<String> {

    private final SecretKeySpec key;
    private final String salt;

    TestCrypter(String passphrase) throws GeneralSecurityException {
        byte[] bytes = random(8);
        byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                .generateSecret(new PBEKeySpec(passphrase.toCharArray(), bytes, 1_000_000, 256))
                .getEncoded();
        key = new SecretKeySpec(derived, "AES");
        salt = "v1:" + Base64.getEncoder().encodeToString(bytes) + ":" + apply("pulumi");
    }

    String salt() {
        return salt;
    }

    @Override
    public String apply(String plain) {
        try {
            byte[] nonce = random(12);
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            byte[] text = cipher.doFinal(plain.getBytes(StandardCharsets.UTF_8));
            Base64.Encoder base64 = Base64.getEncoder();
            return "v1:" + base64.encodeToString(nonce) + ":" + base64.encodeToString(text);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
