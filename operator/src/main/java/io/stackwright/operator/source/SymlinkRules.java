package io.stackwright.operator.source;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/** Finds symbolic links that leave the tree they are in, also by way of other links. */
final class SymlinkRules {

    /** As many as Linux follows. */
    private static final int MAX_HOPS = 40;

    private SymlinkRules() {}

    /**
     * The first link that leaves the tree, or never ends.
     *
     * @param links path inside the tree to target, both with slashes
     */
    static Optional<String> escaping(Map<String, String> links) {
        return links.keySet().stream()
                .sorted()
                .filter(link -> leaves(link, links))
                .findFirst();
    }

    private static boolean leaves(String link, Map<String, String> links) {
        Deque<String> at = new ArrayDeque<>();
        Deque<String> todo = new ArrayDeque<>(Arrays.asList(link.split("/")));
        int hops = 0;
        while (!todo.isEmpty()) {
            String segment = todo.removeFirst();
            if (segment.isEmpty() || segment.equals(".")) {
                continue;
            }
            if (segment.equals("..")) {
                if (at.isEmpty()) {
                    return true;
                }
                at.removeLast();
                continue;
            }
            at.addLast(segment);
            String target = links.get(String.join("/", at));
            if (target != null) {
                if (target.startsWith("/") || ++hops > MAX_HOPS) {
                    return true;
                }
                at.removeLast();
                String[] segments = target.split("/");
                for (int i = segments.length - 1; i >= 0; i--) {
                    todo.addFirst(segments[i]);
                }
            }
        }
        return false;
    }
}
