package io.stackwright.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate for localhost that nobody else trusts, as keytool makes it. */
public final class TestCertificate {

    private static final String PASSWORD = "changeit";

    private TestCertificate() {}

    static KeyStore make(Path directory) throws IOException, GeneralSecurityException {
        return make(directory, "dns:localhost");
    }

    /** @param names what it is good for, as keytool's {@code san} extension wants them */
    static KeyStore make(Path directory, String names) throws IOException, GeneralSecurityException {
        Path file = directory.resolve("server.p12");
        Map<String, String> options = new LinkedHashMap<>();
        options.put("-alias", "server");
        options.put("-keyalg", "EC");
        options.put("-dname", "CN=localhost");
        options.put("-ext", "san=" + names);
        options.put("-validity", "30");
        options.put("-storetype", "PKCS12");
        options.put("-storepass", PASSWORD);
        options.put("-keystore", file.toString());
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair"));
        options.forEach((option, value) -> command.addAll(List.of(option, value)));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException("keytool: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    /** TLS for a server of a test, with a certificate of its own that it keeps in the directory. */
    public static SSLContext serverContext(Path directory) throws IOException, GeneralSecurityException {
        return serverContext(make(directory));
    }

    static SSLContext serverContext(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        return tls;
    }

    static String pem(KeyStore keys) throws GeneralSecurityException {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getCertificate("server").getEncoded());
        return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
    }
}
