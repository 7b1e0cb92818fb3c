package io.stackwright.operator.execution.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A lock on a Pulumi stack in a self-managed backend.
 *
 * @param id name of its file, a random UUID
 * @param user who holds it
 * @param host where
 * @param pid process id on that host
 * @param since when it was taken
 */
record StackLock(String id, String user, String host, long pid, Instant since) {

    /** By how much a clock may have been put back between the start of a run and its lock. */
    static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** One line of what the CLI says of the locks that it met. */
    private static final Pattern HOLDER =
            Pattern.compile("([0-9a-fA-F-]{36})\\.json\\S*: created by (\\S*)@(\\S+) \\(pid (\\d+)\\) at (\\S+)");

    private static final Pattern COUNT = Pattern.compile("the stack is currently locked by (\\d+) lock\\(s\\)");

    /** A lock file; empty when it is torn. */
    static Optional<StackLock> parse(String id, String text) {
        try {
            JsonNode lock = MAPPER.readTree(text);
            return Optional.of(new StackLock(
                    id,
                    lock.path("username").asText(),
                    lock.required("hostname").asText(),
                    lock.required("pid").asLong(),
                    Instant.parse(lock.required("timestamp").asText())));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** All locks that a message of the CLI tells of; empty when it does not tell all of them. */
    static Optional<List<StackLock>> parseMessage(String message) {
        Matcher count = COUNT.matcher(message);
        if (!count.find()) {
            return Optional.empty();
        }
        List<StackLock> locks = new ArrayList<>();
        Matcher holder = HOLDER.matcher(message);
        while (holder.find()) {
            try {
                locks.add(new StackLock(
                        holder.group(1),
                        holder.group(2),
                        holder.group(3),
                        Long.parseLong(holder.group(4)),
                        Instant.parse(holder.group(5))));
            } catch (RuntimeException e) {
                return Optional.empty();
            }
        }
        return Integer.toString(locks.size()).equals(count.group(1)) ? Optional.of(locks) : Optional.empty();
    }

    /** For people: who, where, since when. */
    String holder() {
        return user + "@" + host + " (pid " + pid + ") since " + since.truncatedTo(ChronoUnit.SECONDS);
    }
}
