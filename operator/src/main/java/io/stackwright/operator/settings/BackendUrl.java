package io.stackwright.operator.settings;

import java.util.Set;
import java.util.regex.Pattern;

/** Checks and shows the URL of a Pulumi backend. */
final class BackendUrl {

    private static final String NAMESPACE = "{namespace}";
    private static final String FILE = "file://";
    /** Those of `spec.backend.url`. Not http: an access token would go over the network in the clear. */
    private static final Set<String> SCHEMES = Set.of("file", "s3", "gs", "azblob", "postgres", "https");

    private static final Pattern USER_INFO = Pattern.compile("(?<=://)[^/?#]*@");
    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("(?i)([?&;#][^=&]*(?:key|secret|token|password|passwd|sig|credential)[^=&]*=)[^&#]*");

    private BackendUrl() {}

    /** @throws IllegalArgumentException when no stack could ever use the URL */
    static String parse(String text) {
        int end = text.indexOf("://");
        ValueParsers.require(end > 0 && text.length() > end + 3);
        ValueParsers.require(SCHEMES.contains(text.substring(0, end)));
        ValueParsers.require(text.chars().noneMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c)));
        String withoutPlaceholder = text.replace(NAMESPACE, "");
        ValueParsers.require(withoutPlaceholder.indexOf('{') < 0 && withoutPlaceholder.indexOf('}') < 0);
        // A namespace's place is what a Stack's URL is held against; parameters have no order, and many spellings.
        ValueParsers.require(text.indexOf('?') < 0 || text.lastIndexOf(NAMESPACE) < text.indexOf('?'));
        // `file://~` is the CLI's HOME, which is a folder of its own in every run: the state would be gone after it.
        ValueParsers.require(!text.startsWith(FILE) || text.startsWith(FILE + "/"));
        return text;
    }

    /** The URL without what could be a credential. */
    static String masked(String text) {
        String withoutUser = USER_INFO.matcher(text).replaceAll("***@");
        return SECRET_PARAMETER.matcher(withoutUser).replaceAll("$1***");
    }
}
