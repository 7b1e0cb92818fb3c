package io.stackwright.operator.faults;

import io.stackwright.operator.LiveFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What a {@code file://} backend has of which Pulumi stack: state, history, backups and locks. */
final class BackendTraces {

    private BackendTraces() {}

    /**
     * Files of the Pulumi stacks with such a name.
     *
     * @param backend the folder {@code .pulumi}
     */
    static List<Path> of(Path backend, Predicate<String> stack) throws IOException {
        return LiveFiles.below(backend).stream()
                .filter(file -> stackOf(backend.relativize(file)).filter(stack).isPresent())
                .sorted()
                .toList();
    }

    /** Empty for what is about the whole backend. */
    private static Optional<String> stackOf(Path file) {
        return switch (file.getName(0).toString()) {
            // stacks/shop/prod.json, prod.json.bak, prod.json.18eca03049131c60.tmp, prod.pulumi-tags, and their
            // attributes
            case "stacks" -> name(file, 2).map(name -> name.replaceFirst("\\.(json|pulumi-tags)(\\..*)?$", ""));
            // history/shop/prod/prod-17954706306320325.history.json
            case "history", "backups" -> name(file, 2);
            // locks/organization/shop/prod/7f1c….json
            case "locks" -> name(file, 3);
            default -> Optional.empty();
        };
    }

    private static Optional<String> name(Path file, int index) {
        return index < file.getNameCount() ? Optional.of(file.getName(index).toString()) : Optional.empty();
    }
}
