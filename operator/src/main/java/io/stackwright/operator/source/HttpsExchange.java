package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.URL;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;

/** One https request; what JGit may set about it, and what it may not. */
final class HttpsExchange implements HttpConnection {

    static final String NO_GIT = "the server does not answer like a Git server (smart HTTP protocol)";

    private final HttpsURLConnection connection;
    private final String answerType;
    private final Deadline deadline;
    private final ByteBudget budget;
    private final NetworkTrace trace;

    /** @param answerType content type of a good answer; others mean that the server speaks something else */
    HttpsExchange(
            HttpsURLConnection connection,
            String answerType,
            Deadline deadline,
            ByteBudget budget,
            NetworkTrace trace) {
        this.connection = connection;
        this.answerType = answerType;
        this.deadline = deadline;
        this.budget = budget;
        this.trace = trace;
        limitTime();
    }

    @Override
    public int getResponseCode() throws IOException {
        int status = connection.getResponseCode();
        boolean limited = status == 429
                || connection.getHeaderField("Retry-After") != null
                || "0".equals(connection.getHeaderField("X-RateLimit-Remaining"));
        trace.status(status, limited);
        if (status == HTTP_OK && !answerType.equals(connection.getContentType())) {
            throw trace.noGit(NO_GIT);
        }
        return status;
    }

    @Override
    public void setRequestProperty(String key, String value) {
        // Compressed answers could grow beyond what was counted; packs are compressed anyway.
        if (!key.equalsIgnoreCase("Accept-Encoding") && !key.equalsIgnoreCase("Authorization")) {
            connection.setRequestProperty(key, value);
        }
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return budget.count(connection.getInputStream());
    }

    @Override
    public void connect() throws IOException {
        limitTime();
        connection.connect();
    }

    private void limitTime() {
        connection.setConnectTimeout(deadline.remainingMillis());
        connection.setReadTimeout(deadline.remainingMillis());
    }

    @Override
    public void setConnectTimeout(int timeout) {
        limitTime();
    }

    @Override
    public void setReadTimeout(int timeout) {
        limitTime();
    }

    @Override
    public void setInstanceFollowRedirects(boolean follow) {
        // Never: JGit follows them itself, through a new connection that is checked like the first.
    }

    @Override
    public void configure(KeyManager[] keys, TrustManager[] trust, SecureRandom random) {
        throw new UnsupportedOperationException("whom to trust is not JGit's choice");
    }

    @Override
    public void setHostnameVerifier(HostnameVerifier verifier) {
        throw new UnsupportedOperationException("whom to trust is not JGit's choice");
    }

    @Override
    public URL getURL() {
        return connection.getURL();
    }

    @Override
    public String getResponseMessage() throws IOException {
        return connection.getResponseMessage();
    }

    @Override
    public Map<String, List<String>> getHeaderFields() {
        return connection.getHeaderFields();
    }

    @Override
    public void setRequestMethod(String method) throws ProtocolException {
        connection.setRequestMethod(method);
    }

    @Override
    public void setUseCaches(boolean use) {
        connection.setUseCaches(false);
    }

    @Override
    public String getContentType() {
        return connection.getContentType();
    }

    @Override
    public String getHeaderField(String name) {
        // Nothing compressed was asked for; an answer that is so nevertheless is taken as the garbage it then is.
        return name.equalsIgnoreCase("Content-Encoding") ? null : connection.getHeaderField(name);
    }

    @Override
    public List<String> getHeaderFields(String name) {
        Map<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        connection.getHeaderFields().forEach((key, values) -> {
            if (key != null) {
                fields.put(key, values);
            }
        });
        return fields.getOrDefault(name, List.of());
    }

    @Override
    public int getContentLength() {
        return connection.getContentLength();
    }

    @Override
    public void setDoOutput(boolean output) {
        connection.setDoOutput(output);
    }

    @Override
    public void setFixedLengthStreamingMode(int length) {
        connection.setFixedLengthStreamingMode(length);
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return connection.getOutputStream();
    }

    @Override
    public void setChunkedStreamingMode(int chunk) {
        connection.setChunkedStreamingMode(chunk);
    }

    @Override
    public String getRequestMethod() {
        return connection.getRequestMethod();
    }

    @Override
    public boolean usingProxy() {
        return false;
    }
}
