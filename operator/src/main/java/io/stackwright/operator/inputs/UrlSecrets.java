package io.stackwright.operator.inputs;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The credentials inside a URL: what a {@link Redactor} has to know when programs are given such a URL. */
public final class UrlSecrets {

    private static final Pattern USER_INFO = Pattern.compile("://([^/?#@]*)@");
    private static final Pattern PARAMETER =
            Pattern.compile("(?i)[?&;#][^=&]*(?:key|secret|token|password|passwd|sig|credential)[^=&]*=([^&#]+)");

    private UrlSecrets() {}

    /** User information as it is written, passwords and secret parameters as they are written and decoded. */
    public static Set<String> of(String url) {
        Set<String> secrets = new LinkedHashSet<>();
        Matcher userInfo = USER_INFO.matcher(url);
        while (userInfo.find()) {
            int colon = userInfo.group(1).indexOf(':');
            if (colon >= 0) {
                secrets.add(userInfo.group(1));
            }
            add(secrets, userInfo.group(1).substring(colon + 1));
        }
        Matcher parameter = PARAMETER.matcher(url);
        while (parameter.find()) {
            add(secrets, parameter.group(1));
        }
        return secrets;
    }

    private static void add(Set<String> secrets, String text) {
        secrets.add(text);
        try {
            secrets.add(URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            // Not encoded: it is known as it stands.
            return;
        }
    }
}
