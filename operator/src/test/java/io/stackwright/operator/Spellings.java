package io.stackwright.operator;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** How a text looks in the places in which it may be found: as it is, and as encodings make it. */
public final class Spellings {

    private static final int BYTES = 3;
    private static final int CHARACTERS = 4;

    private final Set<String> all = new LinkedHashSet<>();

    public Spellings(Collection<String> texts) {
        texts.forEach(this::add);
    }

    public static Spellings of(String text) {
        return new Spellings(List.of(text));
    }

    private void add(String text) {
        String url = URLEncoder.encode(text, StandardCharsets.UTF_8);
        all.add(text);
        all.add(url);
        all.add(url.replace("+", "%20"));
        all.add(url.toLowerCase(java.util.Locale.ROOT));
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int before = 0; before < BYTES; before++) {
            all.add(inside(Base64.getEncoder(), bytes, before));
            all.add(inside(Base64.getUrlEncoder(), bytes, before));
        }
    }

    /** What is the same in base64 whatever the bytes before and after it are. */
    private static String inside(Base64.Encoder encoder, byte[] text, int before) {
        byte[] shifted = new byte[before + text.length];
        System.arraycopy(text, 0, shifted, before, text.length);
        String encoded = encoder.withoutPadding().encodeToString(shifted);
        int from = before == 0 ? 0 : before + 1;
        int to = shifted.length / BYTES * CHARACTERS
                + switch (shifted.length % BYTES) {
                    case 1 -> 1;
                    case 2 -> 2;
                    default -> 0;
                };
        return encoded.substring(from, to);
    }

    /** Whether one of the texts is in it, however it is spelled. */
    public boolean isIn(String place) {
        return all.stream().anyMatch(place::contains);
    }
}
