package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Address of a Git repository that passed the allow-list: https, ssh, or the short form {@code user@host:path}.
 *
 * @param text the address, free of credentials; safe to show
 * @param user login name for ssh; empty for https
 * @param port as given, or the scheme's default
 */
record GitUrl(Scheme scheme, String user, String host, int port, String text) {

    enum Scheme {
        HTTPS,
        SSH
    }

    private static final int MAX_LENGTH = 2048;
    private static final Pattern SHORT_FORM =
            Pattern.compile("^([A-Za-z0-9_][A-Za-z0-9_.-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):[^\\s-][^\\s]*$");
    private static final Pattern USER = Pattern.compile("^[A-Za-z0-9_][A-Za-z0-9_.-]*$");
    private static final Pattern HOST = Pattern.compile("^[A-Za-z0-9][A-Za-z0-9_.-]*$|^\\[[0-9A-Fa-f:.]+]$");

    /**
     * Checks an address.
     *
     * @throws SourceException {@code SourceNotAllowed}; the message does not repeat the address, which may hold a
     *     password
     */
    static GitUrl parse(String text) throws SourceException {
        if (text == null || text.isEmpty() || text.length() > MAX_LENGTH || !printable(text)) {
            throw notAllowed("must be an https or ssh address of at most " + MAX_LENGTH
                    + " characters without spaces or control characters");
        }
        Matcher shortForm = SHORT_FORM.matcher(text);
        if (shortForm.matches()) {
            return new GitUrl(Scheme.SSH, shortForm.group(1), shortForm.group(2), 22, text);
        }
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("https://")) {
            return of(Scheme.HTTPS, uri(text), 443);
        }
        if (lower.startsWith("ssh://")) {
            return of(Scheme.SSH, uri(text), 22);
        }
        throw notAllowed("must start with https:// or ssh://, or have the form user@host:path");
    }

    private static GitUrl of(Scheme scheme, URI uri, int defaultPort) throws SourceException {
        String userInfo = uri.getRawUserInfo();
        if (userInfo != null && (scheme == Scheme.HTTPS || userInfo.contains(":"))) {
            throw notAllowed("must not contain credentials; put them into a Secret and name it in"
                    + " spec.project.git.secretRef");
        }
        String user = userInfo == null ? (scheme == Scheme.SSH ? "git" : "") : userInfo;
        if (scheme == Scheme.SSH && !USER.matcher(user).matches()) {
            throw notAllowed("has an illegal user name");
        }
        if (uri.getHost() == null || !HOST.matcher(uri.getHost()).matches()) {
            throw notAllowed("has an illegal host name");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw notAllowed("must not have a query or a fragment");
        }
        if (uri.getRawPath() == null || uri.getRawPath().replace("/", "").isEmpty()) {
            throw notAllowed("names a host but no repository");
        }
        int port = uri.getPort() == -1 ? defaultPort : uri.getPort();
        if (port < 1 || port > 65535) {
            throw notAllowed("has an illegal port");
        }
        String authority =
                (scheme == Scheme.SSH ? user + "@" : "") + uri.getHost() + (port == defaultPort ? "" : ":" + port);
        return new GitUrl(
                scheme,
                user,
                uri.getHost(),
                port,
                scheme.name().toLowerCase(Locale.ROOT) + "://" + authority + uri.getRawPath());
    }

    private static URI uri(String text) throws SourceException {
        try {
            return new URI(text).parseServerAuthority();
        } catch (URISyntaxException e) {
            // The exception's message repeats the address: it stays out.
            throw notAllowed("is not a well-formed address");
        }
    }

    private static boolean printable(String text) {
        return text.chars().noneMatch(c -> c <= ' ' || c == 0x7f || c == '\\' || Character.isISOControl(c));
    }

    private static SourceException notAllowed(String why) {
        return new SourceException(Reason.SourceNotAllowed, "spec.project.git.url " + why);
    }

    @Override
    public String toString() {
        return text;
    }
}
