package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** What a credential Secret holds for one repository. Never shown. */
final class GitCredentials {

    /** No Secret: anonymous https with the Java runtime's certificate authorities. */
    static final GitCredentials NONE = new GitCredentials("", Map.of());

    private final String secretName;
    private final Map<String, byte[]> data;
    private final String digest;

    private GitCredentials(String secretName, Map<String, byte[]> data) {
        this.secretName = secretName;
        this.data = Map.copyOf(data);
        this.digest = data.isEmpty() ? "" : SourceDigest.of(data);
    }

    /**
     * Checks that a Secret has what the scheme needs.
     *
     * @throws SourceException {@code SourceAuthenticationFailed}, naming the missing key
     */
    static GitCredentials of(GitUrl url, String secretName, Map<String, byte[]> data) throws SourceException {
        GitCredentials credentials = new GitCredentials(secretName, data);
        switch (url.scheme()) {
            case HTTPS -> credentials.checkHttps();
            case SSH -> credentials.checkSsh();
        }
        return credentials;
    }

    /**
     * Without a Secret.
     *
     * @throws SourceException {@code SourceAuthenticationFailed} for ssh, which needs a key
     */
    static GitCredentials none(GitUrl url) throws SourceException {
        if (url.scheme() == GitUrl.Scheme.SSH) {
            throw new SourceException(
                    Reason.SourceAuthenticationFailed,
                    "spec.project.git.secretRef is missing: ssh needs a Secret with the keys identity and known_hosts");
        }
        return NONE;
    }

    private void checkHttps() throws SourceException {
        boolean secret = has("password") || has("token");
        if (has("username") && !secret) {
            throw missing("password (or token)");
        }
        if (has("password") && !has("username") && !has("token")) {
            throw missing("username");
        }
        if (!secret && !has("ca.crt")) {
            throw missing("username and password, or token");
        }
    }

    private void checkSsh() throws SourceException {
        if (!has("identity") && !has("ssh-privatekey")) {
            throw missing("identity (or ssh-privatekey)");
        }
        if (!has("known_hosts")) {
            throw missing("known_hosts, the host keys the server is trusted by");
        }
    }

    /** Basic credentials of the first request to the repository's own host; empty for anonymous access. */
    Optional<String> authorization() {
        String password = has("token") ? text("token") : has("password") ? text("password") : "";
        if (password.isEmpty()) {
            return Optional.empty();
        }
        String user = has("username") ? text("username") : "git";
        return Optional.of("Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    Optional<byte[]> certificateAuthorities() {
        return Optional.ofNullable(data.get("ca.crt")).filter(pem -> pem.length > 0);
    }

    byte[] identity() {
        return has("identity") ? data.get("identity") : data.get("ssh-privatekey");
    }

    /** Of an encrypted ssh key; empty when there is none. */
    String identityPassword() {
        return has("password") ? text("password") : "";
    }

    byte[] knownHosts() {
        return data.get("known_hosts");
    }

    /** Changes with the content of the Secret. */
    String digest() {
        return digest;
    }

    /** For messages: which Secret to look at. */
    String description() {
        return secretName.isEmpty() ? "no credentials (spec.project.git.secretRef is not set)" : "Secret " + secretName;
    }

    private boolean has(String key) {
        byte[] value = data.get(key);
        return value != null && value.length > 0;
    }

    private String text(String key) {
        return new String(data.get(key), StandardCharsets.UTF_8).strip();
    }

    private SourceException missing(String key) {
        return new SourceException(
                Reason.SourceAuthenticationFailed,
                "Secret " + secretName + " of spec.project.git.secretRef lacks the key " + key);
    }

    @Override
    public String toString() {
        return "GitCredentials[" + description() + "]";
    }
}
