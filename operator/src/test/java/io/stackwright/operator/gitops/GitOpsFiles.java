package io.stackwright.operator.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.stackwright.testkit.GitOpsTools;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that are made from the samples, the Lua scripts and the table: what they have to hold. */
final class GitOpsFiles {

    private static final Path DOCUMENT = Toolchain.root().resolve("docs/gitops.md");
    private static final String BEGIN = "<!-- states -->\n";
    private static final String END = "<!-- end of states -->\n";

    private GitOpsFiles() {}

    /** Each file with its content. */
    static Map<Path, String> generated() {
        Map<Path, String> files = new LinkedHashMap<>();
        for (State.Kind kind : State.Kind.values()) {
            files.put(kind.folder().resolve("health_test.yaml"), healthTests(kind));
            files.put(kind.folder().resolve("actions/action_test.yaml"), discoveryTests(kind));
        }
        files.put(Toolchain.root().resolve("gitops/argocd/argocd-cm.yaml"), configMap());
        files.put(DOCUMENT, document());
        return files;
    }

    static void write() {
        generated().forEach((file, content) -> {
            try {
                Files.writeString(file, content);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /** In the form of Argo CD's own tests, which run the script on objects that are being deleted, too. */
    private static String healthTests(State.Kind kind) {
        JsonNode seen = GitOpsTools.judge("run", kind.healthScript(), samples(kind));
        StringBuilder tests = new StringBuilder("tests:\n");
        for (State state : kind.states()) {
            JsonNode health = seen.get(state.sample().toString());
            tests.append("  - healthStatus:\n      status: ")
                    .append(health.get("status").asText())
                    .append("\n      message: ")
                    .append(quoted(health.get("message").asText()))
                    .append("\n    inputPath: testdata/")
                    .append(state.sampleName())
                    .append(".yaml\n");
        }
        return tests.toString();
    }

    private static String discoveryTests(State.Kind kind) {
        JsonNode seen = GitOpsTools.judge("run", kind.folder().resolve("actions/discovery.lua"), samples(kind));
        StringBuilder tests = new StringBuilder("discoveryTests:\n");
        for (State state : kind.states()) {
            tests.append("  - inputPath: ../testdata/")
                    .append(state.sampleName())
                    .append(".yaml\n    result:\n");
            seen.get(state.sample().toString())
                    .properties()
                    .forEach(action -> tests.append("      - name: ")
                            .append(action.getKey())
                            .append("\n        disabled: ")
                            .append(action.getValue().get("disabled").asBoolean())
                            .append("\n        iconClass: ")
                            .append(action.getValue().get("iconClass").asText())
                            .append("\n"));
        }
        return tests.toString();
    }

    private static String quoted(String text) {
        return TextNode.valueOf(text).toString();
    }

    private static List<Path> samples(State.Kind kind) {
        return kind.states().stream().map(State::sample).toList();
    }

    /** What is merged into Argo CD's own ConfigMap. */
    private static String configMap() {
        StringBuilder yaml = new StringBuilder("""
            # Made from the files in resource_customizations; merge it into Argo CD's ConfigMap with
            #   kubectl --namespace argocd patch configmap argocd-cm --patch-file gitops/argocd/argocd-cm.yaml
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: argocd-cm
              namespace: argocd
              labels:
                app.kubernetes.io/name: argocd-cm
                app.kubernetes.io/part-of: argocd
            data:
            """);
        for (State.Kind kind : State.Kind.values()) {
            String key = "  resource.customizations.%s.stackwright.io_" + kind.title() + ": |\n";
            yaml.append(key.formatted("health"))
                    .append(text(kind.healthScript()).indent(4));
            yaml.append(key.formatted("actions")).append("    discovery.lua: |\n");
            yaml.append(text(kind.folder().resolve("actions/discovery.lua")).indent(6));
            yaml.append("    definitions:\n");
            actions(kind)
                    .forEach((name, script) -> yaml.append("      - name: ")
                            .append(name)
                            .append("\n        action.lua: |\n")
                            .append(text(script).indent(10)));
        }
        // Block scalars may not have lines of blanks only.
        return yaml.toString().replaceAll("(?m)^ +$", "");
    }

    /** Name and script of each action. */
    static Map<String, Path> actions(State.Kind kind) {
        try (Stream<Path> files = Files.walk(kind.folder().resolve("actions"))) {
            return files.filter(file -> file.getFileName().toString().equals("action.lua"))
                    .collect(Collectors.toMap(
                            file -> file.getParent().getFileName().toString(),
                            file -> file,
                            (a, b) -> a,
                            TreeMap::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** docs/gitops.md with the present table. */
    private static String document() {
        String text = text(DOCUMENT);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        return text.substring(0, begin) + "\n" + table() + "\n" + text.substring(end);
    }

    private static String table() {
        StringBuilder table = new StringBuilder();
        for (State.Kind kind : State.Kind.values()) {
            table.append(kind == State.Kind.STACK ? "" : "\n")
                    .append("| ")
                    .append(kind.title())
                    .append(" | Ready | Reconciling | Stalled | kstatus (Flux, Helm) | Argo CD |\n"
                            + "|---|---|---|---|---|---|\n");
            for (State state : kind.states()) {
                JsonNode sample = Samples.read(state.sample());
                table.append("| [")
                        .append(state.words())
                        .append("](")
                        .append(DOCUMENT.getParent().relativize(state.sample()))
                        .append(") | ")
                        .append(condition(sample, "Ready", true))
                        .append(" | ")
                        .append(condition(sample, "Reconciling", false))
                        .append(" | ")
                        .append(condition(sample, "Stalled", false))
                        .append(" | ")
                        .append(state.kstatus().word())
                        .append(" | ")
                        .append(state.argo().word())
                        .append(" |\n");
            }
        }
        return table.toString();
    }

    private static String condition(JsonNode sample, String type, boolean withStatus) {
        for (JsonNode condition : sample.at("/status/conditions")) {
            if (condition.get("type").asText().equals(type)) {
                String reason = "`" + condition.get("reason").asText() + "`";
                return withStatus ? condition.get("status").asText() + ", " + reason : reason;
            }
        }
        return "";
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
