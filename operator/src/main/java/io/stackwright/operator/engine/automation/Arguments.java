package io.stackwright.operator.engine.automation;

import io.stackwright.operator.engine.StackId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Maps the command lines that the Automation API builds to the ones that we run.
 *
 * <p>The API forgets {@code --stack} on operations, selects the stacks it creates, asks for plain secrets in exports, and
 * hands names and values of tags over where the CLI also looks for flags. Nothing that comes from a Stack may become a
 * flag: it is the value of one, or comes after {@code --}.
 */
final class Arguments {

    /** What a command of the API is about. */
    enum Command {
        /** Makes a stack the current one: never needed. */
        SELECT,
        CREATE,
        /** up, preview, refresh or destroy. */
        OPERATION,
        OUTPUT,
        HISTORY,
        TAG,
        OTHER;

        static Command of(List<String> arguments) {
            if (OPERATIONS.contains(arguments.getFirst())) {
                return OPERATION;
            }
            if (!arguments.getFirst().equals("stack") || arguments.size() < 2) {
                return OTHER;
            }
            return switch (arguments.get(1)) {
                case "select" -> SELECT;
                case "init" -> CREATE;
                case "output" -> OUTPUT;
                case "history" -> HISTORY;
                case "tag" -> TAG;
                default -> OTHER;
            };
        }
    }

    private static final Set<String> OPERATIONS = Set.of("up", "preview", "refresh", "destroy");

    private final StackId stack;

    Arguments(StackId stack) {
        this.stack = stack;
    }

    /** An operation, with flags that the API has no option for. */
    List<String> operation(List<String> arguments, List<String> flags, Path eventLog) {
        List<String> mapped = new ArrayList<>(arguments);
        mapped.addAll(flags);
        mapped.add("--suppress-progress");
        mapped.add("--event-log");
        mapped.add(eventLog.toString());
        return forStack(mapped);
    }

    List<String> create() {
        return forStack(List.of("stack", "init", "--no-select", "--secrets-provider", "passphrase"));
    }

    List<String> outputs(boolean showSecrets) {
        return forStack(
                showSecrets
                        ? List.of("stack", "output", "--json", "--show-secrets")
                        : List.of("stack", "output", "--json"));
    }

    List<String> export() {
        return forStack(List.of("stack", "export"));
    }

    List<String> importState(Path file) {
        return forStack(List.of("stack", "import", "--file", file.toString()));
    }

    List<String> cancel() {
        return forStack(List.of("cancel", "--yes"));
    }

    static List<String> install() {
        return List.of("install", "--non-interactive");
    }

    static List<String> version() {
        return List.of("version", "--non-interactive");
    }

    /** {@code stack tag ls|set|rm} with names and values where no flag is looked for. */
    List<String> tag(List<String> arguments) {
        int stackFlag = arguments.lastIndexOf("--stack");
        List<String> values = arguments.subList(3, stackFlag);
        if (arguments.get(2).equals("ls")) {
            return forStack(List.of("stack", "tag", "ls", "--json"));
        }
        List<String> mapped = new ArrayList<>(forStack(arguments.subList(0, 3)));
        mapped.add("--");
        mapped.addAll(values);
        return mapped;
    }

    private List<String> forStack(List<String> arguments) {
        List<String> mapped = new ArrayList<>(arguments);
        mapped.addAll(List.of("--stack", stack.qualified(), "--non-interactive"));
        return mapped;
    }
}
