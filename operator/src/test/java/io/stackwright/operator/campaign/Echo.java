package io.stackwright.operator.campaign;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.Scenario;
import io.stackwright.testkit.GitServer;
import java.util.HashMap;
import java.util.Map;

/** Programs whose outputs and resource are their configuration, and the objects that the specs refer to. */
final class Echo {

    static final String PROJECT = "campaign";

    static final Map<String, Map<String, String>> SECRETS = Map.of(
            "s1", Map.of("a", "alpha", "b", "beta\nsecond line"),
            "s2", Map.of("a", "gämma"),
            "p1", Map.of("x", "the phrase", "y", "the phrase", "wrong", "another phrase", "empty", ""),
            "p2", Map.of("x", "the phrase"),
            "ours", Map.of("HOME", "/root"));

    static final Map<String, Map<String, String>> CONFIG_MAPS = Map.of(
            "m1", Map.of("a", "one", "b", "two"),
            "m2", Map.of("a", "three"),
            "echo-1", Map.of("Pulumi.yaml", program("configmap 1")),
            "echo-2", Map.of("Pulumi.yaml", program("configmap 2")));

    private final Map<String, String> inGit = new HashMap<>();
    private final String commit;

    private Echo(GitServer git) {
        GitServer.Repository one = git.create("one");
        this.commit = one.commit(files("one first"));
        one.tag("v1");
        one.commit("other", files("one other"));
        one.commit(files("one main"));
        git.create("two").commit(files("two main"));
        for (String[] ref : new String[][] {
            {"one", "", "one main"},
            {"one", "main", "one main"},
            {"one", "other", "one other"},
            {"one", "v1", "one first"},
            {"one", commit, "one first"},
            {"two", "", "two main"}
        }) {
            for (String path : new String[] {"", "web", "api/v2"}) {
                inGit.put(ref[0] + "|" + ref[1] + "|" + path, ref[2] + " " + path);
            }
        }
    }

    /** Puts the programs into a Git server, and all else into the namespace. */
    static Echo put(
            GitServer git, Scenario scenario, java.util.function.BiConsumer<String, Map<String, String>> secrets) {
        scenario.trust(git, "git-ca");
        scenario.trust(git, "git-ca-too");
        SECRETS.forEach(secrets);
        CONFIG_MAPS.forEach(scenario::configMap);
        return new Echo(git);
    }

    /** The commit that is neither a branch's nor the newest. */
    String commit() {
        return commit;
    }

    /** The program that a source means. */
    JsonNode programOf(JsonNode project) {
        if (project.has("inline")) {
            return project.get("inline");
        }
        if (project.has("configMap")) {
            String name = project.at("/configMap/name").asText();
            return read(CONFIG_MAPS.get(name).get("Pulumi.yaml"));
        }
        JsonNode git = project.get("git");
        String repository = git.get("url").asText().replaceFirst(".*/(\\w+)\\.git", "$1");
        String ref = git.path("branch")
                .asText(git.path("tag").asText(git.path("commit").asText("")));
        return read(program(
                inGit.get(repository + "|" + ref + "|" + git.path("path").asText(""))));
    }

    private static Map<String, String> files(String version) {
        Map<String, String> files = new HashMap<>();
        for (String path : new String[] {"", "web", "api/v2"}) {
            files.put(path.isEmpty() ? "Pulumi.yaml" : path + "/Pulumi.yaml", program(version + " " + path));
        }
        return files;
    }

    /** A program, in YAML's flow style; the version is its only content of its own. */
    static String program(String version) {
        return """
            {name: campaign, runtime: yaml, config: {text: {type: string, default: none}, \
            count: {type: integer, default: 0}, active: {type: boolean, default: false}, \
            nums: {type: array, items: {type: integer}}, data: {type: object}, \
            word: {type: string, default: none}, tier: {type: string, default: none}}, \
            resources: {echo: {type: 'pulumi:index:Stash', properties: {input: {text: '${text}', count: '${count}', \
            version: '%1$s'}}}}, \
            outputs: {text: '${text}', count: '${count}', active: '${active}', nums: '${nums}', data: '${data}', \
            word: '${word}', tier: '${tier}', version: '%1$s'}}\
            """.formatted(version);
    }

    static JsonNode read(String yaml) {
        // Without the marker, text that begins with a brace would have to be JSON.
        return Serialization.unmarshal("---\n" + yaml, JsonNode.class);
    }
}
