package io.stackwright.operator.engine.automation;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.RunStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;

/** What happened to each resource of one operation. */
final class ResourceLedger {

    static final int MAX_STEPS = 40;
    static final int MAX_DIFF_PATHS = 10;
    private static final int MAX_PATH_LENGTH = 200;

    /** What became of a resource, from the weakest to the strongest when several things did. */
    private enum Outcome {
        SAME("same"),
        DELETE("delete"),
        UPDATE("update"),
        CREATE("create"),
        REPLACE("replace");

        private final String operation;

        Outcome(String operation) {
            this.operation = operation;
        }

        private static Outcome of(String op) {
            return switch (op) {
                case "create", "import" -> CREATE;
                case "update" -> UPDATE;
                case "delete", "discard" -> DELETE;
                case "replace",
                        "create-replacement",
                        "delete-replaced",
                        "import-replacement",
                        "read-replacement",
                        "discard-replaced",
                        "remove-pending-replace" -> REPLACE;
                default -> SAME; // same, read, refresh
            };
        }
    }

    private static final class Resource {
        private final String urn;
        private Outcome outcome = Outcome.SAME;
        private List<String> diff = List.of();
        private boolean refreshing;
        private boolean drifted;
        private boolean done;
        private boolean failed;
        private boolean livesAfterRefresh;
        private boolean goneAfterRefresh;
        private boolean lives;

        private Resource(String urn) {
            this.urn = urn;
        }

        private void take(Outcome next) {
            outcome = next.compareTo(outcome) > 0 ? next : outcome;
        }

        private boolean inState() {
            return lives || (!done && livesAfterRefresh);
        }

        private boolean changed() {
            return failed || drifted || outcome != Outcome.SAME;
        }

        private int rank() {
            return outcome == Outcome.REPLACE ? 0 : failed ? 1 : 2;
        }

        private RunStatus.Step step() {
            String operation = drifted && outcome == Outcome.SAME ? "refresh" : outcome.operation;
            return new RunStatus.Step(
                    operation, Urn.type(urn), Urn.name(urn), urn, diff.isEmpty() ? null : diff, failed ? true : null);
        }
    }

    private final Operation operation;
    private final boolean targeted;
    private final UnaryOperator<String> mask;
    private final Map<String, Resource> resources = new LinkedHashMap<>();
    private final SequencedMap<String, String> running = new LinkedHashMap<>();

    /** @param mask takes secrets out of property paths, before they are cut */
    ResourceLedger(Operation operation, boolean targeted, UnaryOperator<String> mask) {
        this.mask = mask;
        this.operation = operation;
        this.targeted = targeted;
    }

    void started(JsonNode metadata) {
        Resource resource = resource(metadata);
        String op = metadata.path("op").asText();
        resource.refreshing = op.equals("refresh");
        String doing = doing(op);
        if (doing.isEmpty()) {
            running.remove(resource.urn);
        } else {
            running.putLast(resource.urn, Urn.type(resource.urn) + " " + Urn.name(resource.urn) + " (" + doing + ")");
        }
    }

    void finished(JsonNode metadata) {
        Resource resource = resource(metadata);
        running.remove(resource.urn);
        Outcome outcome = Outcome.of(metadata.path("op").asText());
        if (resource.refreshing && operation != Operation.Refresh) {
            // The refresh before an up or a preview only tells how the real state differs; the verdict comes after it.
            JsonNode real = metadata.path("new");
            resource.livesAfterRefresh = real.isObject();
            resource.goneAfterRefresh = !real.isObject();
            resource.drifted = !real.path("outputs").equals(metadata.path("old").path("outputs"));
            return;
        }
        resource.done = true;
        resource.take(outcome);
        // What an earlier, failed replacement left behind is deleted beside its living successor: one URN, two
        // resources.
        resource.lives |= outcome != Outcome.DELETE;
    }

    void failed(JsonNode metadata) {
        Resource resource = resource(metadata);
        running.remove(resource.urn);
        resource.take(Outcome.of(metadata.path("op").asText()));
        resource.failed = true;
    }

    RunStatus.Progress progress() {
        int completed = (int) resources.values().stream()
                .filter(resource -> resource.done && !resource.failed)
                .count();
        int failed = (int)
                resources.values().stream().filter(resource -> resource.failed).count();
        String current = running.isEmpty() ? null : running.lastEntry().getValue();
        return new RunStatus.Progress(completed, failed, null, current);
    }

    RunStatus.Changes changes() {
        return new RunStatus.Changes(
                count(Outcome.CREATE),
                count(Outcome.UPDATE),
                count(Outcome.REPLACE),
                count(Outcome.DELETE),
                count(Outcome.SAME));
    }

    List<RunStatus.Step> steps() {
        return changed().stream()
                .sorted(Comparator.comparingInt(Resource::rank))
                .limit(MAX_STEPS)
                .map(Resource::step)
                .toList();
    }

    int omittedSteps() {
        return Math.max(0, changed().size() - MAX_STEPS);
    }

    /** How many are in the state after success; a targeted refresh or destroy does not tell. */
    OptionalInt resources() {
        return switch (operation) {
            case Preview -> OptionalInt.empty();
            case Destroy -> targeted ? OptionalInt.empty() : OptionalInt.of(0);
            case Refresh -> targeted ? OptionalInt.empty() : inState();
            case Up -> inState();
        };
    }

    /** Whether any resource was taken out of the state, be it that a refresh has not found it. */
    boolean tookOut() {
        return resources.values().stream()
                .anyMatch(
                        resource -> resource.goneAfterRefresh || (resource.done && resource.outcome == Outcome.DELETE));
    }

    private OptionalInt inState() {
        return OptionalInt.of(
                (int) resources.values().stream().filter(Resource::inState).count());
    }

    private int count(Outcome outcome) {
        return (int) resources.values().stream()
                .filter(resource -> resource.done && !resource.failed && resource.outcome == outcome)
                .count();
    }

    private Collection<Resource> changed() {
        return resources.values().stream().filter(Resource::changed).toList();
    }

    private Resource resource(JsonNode metadata) {
        Resource resource = resources.computeIfAbsent(metadata.path("urn").asText(), Resource::new);
        List<String> diff = diff(metadata);
        if (!diff.isEmpty()) {
            resource.diff = diff;
        }
        return resource;
    }

    private List<String> diff(JsonNode metadata) {
        List<String> paths = new ArrayList<>();
        metadata.path("detailedDiff").fieldNames().forEachRemaining(paths::add);
        if (paths.isEmpty()) {
            metadata.path("diffs").forEach(path -> paths.add(path.asText()));
        }
        return paths.stream()
                .limit(MAX_DIFF_PATHS)
                .map(mask)
                .map(path -> path.length() <= MAX_PATH_LENGTH ? path : path.substring(0, MAX_PATH_LENGTH))
                .toList();
    }

    private static String doing(String op) {
        return switch (op) {
            case "create", "create-replacement" -> "creating";
            case "update" -> "updating";
            case "replace" -> "replacing";
            case "delete", "delete-replaced", "discard", "discard-replaced" -> "deleting";
            case "read", "read-replacement" -> "reading";
            case "refresh" -> "refreshing";
            case "import", "import-replacement" -> "importing";
            default -> "";
        };
    }
}
