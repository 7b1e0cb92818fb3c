package io.stackwright.operator.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.Socket;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;

/**
 * The https connections of one operation on one repository.
 *
 * <p>Each connection, also one that a redirect asks for, is made only to an allowed address, verifies the server,
 * ends with the operation's deadline and carries at most the operation's bytes. Credentials go to the repository's
 * own host and port only. It also notes what went wrong, so that nobody has to read JGit's messages.
 */
final class HttpsAccess implements HttpConnectionFactory {

    private static final String LIST = "/info/refs";
    private static final String LIST_QUERY = "service=git-upload-pack";
    private static final String LIST_TYPE = "application/x-git-upload-pack-advertisement";
    private static final String PACK_TYPE = "application/x-git-upload-pack-result";
    private static final String PACK = "/git-upload-pack";

    private final GitUrl origin;
    private final Optional<String> authorization;
    private final AddressRules rules;
    private final Deadline deadline;
    private final SSLSocketFactory sockets;
    private final ByteBudget budget;
    private final NetworkTrace trace;

    HttpsAccess(
            GitUrl origin,
            GitCredentials credentials,
            AddressRules rules,
            Deadline deadline,
            ByteBudget budget,
            NetworkTrace trace)
            throws GeneralSecurityException, IOException {
        this.origin = origin;
        this.authorization = credentials.authorization();
        this.rules = rules;
        this.deadline = deadline;
        this.budget = budget;
        this.trace = trace;
        this.sockets = new CheckedSockets(tls(credentials), this::connected);
    }

    @Override
    public HttpConnection create(URL url, Proxy proxy) throws IOException {
        return create(url);
    }

    @Override
    public HttpConnection create(URL url) throws IOException {
        if (!"https".equals(url.getProtocol())) {
            throw trace.refused("the server redirects to an address that is not https");
        }
        boolean list = url.getPath().endsWith(LIST) && LIST_QUERY.equals(url.getQuery());
        boolean pack = url.getPath().endsWith(PACK) && url.getQuery() == null;
        if (!list && !pack) {
            throw trace.noGit(HttpsExchange.NO_GIT);
        }
        try {
            rules.check(url.getHost(), port(url));
        } catch (BlockedAddressException e) {
            throw trace.refused(e.getMessage());
        }
        HttpsURLConnection connection = (HttpsURLConnection) url.openConnection(Proxy.NO_PROXY);
        connection.setSSLSocketFactory(sockets);
        connection.setInstanceFollowRedirects(false);
        if (sameOrigin(url) && authorization.isPresent()) {
            connection.setRequestProperty("Authorization", authorization.get());
        }
        return new HttpsExchange(connection, list ? LIST_TYPE : PACK_TYPE, deadline, budget, trace);
    }

    private void connected(Socket socket, String host, int port) throws IOException {
        deadline.guard(socket);
        try {
            rules.check(host, port, socket.getInetAddress());
        } catch (BlockedAddressException e) {
            socket.close();
            throw trace.refused(e.getMessage());
        }
    }

    private boolean sameOrigin(URL url) {
        return url.getHost().equalsIgnoreCase(origin.host()) && port(url) == origin.port();
    }

    private static int port(URL url) {
        return url.getPort() == -1 ? url.getDefaultPort() : url.getPort();
    }

    /** With `ca.crt`, those authorities and no others. */
    private static SSLSocketFactory tls(GitCredentials credentials) throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        if (credentials.certificateAuthorities().isEmpty()) {
            context.init(null, null, null);
            return context.getSocketFactory();
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        int count = 0;
        try (InputStream pem =
                new ByteArrayInputStream(credentials.certificateAuthorities().get())) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
        }
        if (count == 0) {
            throw new GeneralSecurityException("no certificate");
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        context.init(null, trust.getTrustManagers(), null);
        return context.getSocketFactory();
    }

    /** Called with each socket after it was connected and before anything is sent. */
    private interface Connected {
        void check(Socket socket, String host, int port) throws IOException;
    }

    /**
     * The Java runtime connects a plain socket and has TLS laid over it here. It does so because this factory, like its
     * base class, makes no unconnected sockets.
     */
    private static final class CheckedSockets extends SSLSocketFactory {

        private final SSLSocketFactory delegate;
        private final Connected connected;

        CheckedSockets(SSLSocketFactory delegate, Connected connected) {
            this.delegate = delegate;
            this.connected = connected;
        }

        @Override
        public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
            connected.check(socket, host, port);
            return delegate.createSocket(socket, host, port, autoClose);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return delegate.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return delegate.getSupportedCipherSuites();
        }

        @Override
        public Socket createSocket(String host, int port) {
            throw unchecked();
        }

        @Override
        public Socket createSocket(String host, int port, java.net.InetAddress local, int localPort) {
            throw unchecked();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port) {
            throw unchecked();
        }

        @Override
        public Socket createSocket(java.net.InetAddress host, int port, java.net.InetAddress local, int localPort) {
            throw unchecked();
        }

        private static UnsupportedOperationException unchecked() {
            return new UnsupportedOperationException("only sockets whose address was checked are used");
        }
    }
}
