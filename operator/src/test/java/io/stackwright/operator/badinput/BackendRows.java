package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.badinput.Row.Expectation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Backends in folders of others, and numbers out of bounds: rows 48 and 49. */
final class BackendRows {

    private static final String HELLO = "project: {inline: {name: %s, runtime: yaml, outputs: {out: fine}}}\n";

    private BackendRows() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>(backends());
        rows.addAll(numbers());
        return rows;
    }

    private static List<Row> backends() {
        List<Row> rows = new ArrayList<>();
        Map<String, String> urls = new HashMap<>();
        for (String own : Set.of("work", "git", "plugins", "logs", "programs")) {
            urls.put(own, "DATA/" + own);
        }
        urls.put("all", "DATA");
        urls.put("tenant", "DATA/state/another-namespace");
        urls.put("dots", "DATA/state/NAMESPACE/../another-namespace");
        urls.put("encoded", "DATA/state/NAMESPACE/%2e%2e/another-namespace");
        urls.put("link", "FOLDER/r48-link");
        urls.forEach((what, url) -> rows.add(new Row(48, "a backend in a folder of others: " + what, world -> {
            Path link = world.folder().resolve("r48-link");
            if (!Files.exists(link)) {
                Files.createSymbolicLink(link, world.operator().data().resolve("work"));
            }
            String text = url.replace("DATA", world.operator().data().toString())
                    .replace("FOLDER", world.folder().toString())
                    .replace("NAMESPACE", world.namespace());
            world.apply("r48-" + what, HELLO.formatted("r48") + "backend: {url: \"file://" + text + "\"}");
            Expectation stalled = world.stalled("r48-" + what, Reason.InvalidSpec, "spec.backend.url");
            return () -> {
                stalled.check();
                assertThat(world.operator().data().resolve("state/another-namespace"))
                        .doesNotExist();
                assertThat(world.operator().data().resolve("work/.pulumi")).doesNotExist();
            };
        })));
        for (String relative : List.of("file://~", "file://state")) {
            String name = "r48-" + (relative.endsWith("~") ? "home" : "relative");
            rows.add(new Row(
                    48,
                    relative + ": gone with the run",
                    world -> world.refused(
                            name,
                            HELLO.formatted("r48") + "backend: {url: \"" + relative + "\"}",
                            "spec.backend.url",
                            Reason.InvalidSpec)));
        }
        return rows;
    }

    private static List<Row> numbers() {
        Map<String, String> values = Map.of(
                "timeout", "{timeout: \"-5s\"}",
                "grace", "{grace: \"1e9s\"}",
                "parallel-none", "{parallel: 0}",
                "parallel-less", "{parallel: -1}",
                "parallel-huge", "{parallel: 1000000000}",
                "factor", "{retry: {factor: -3}}",
                "initial", "{retry: {initial: \"-1s\"}}");
        List<Row> rows = new ArrayList<>();
        values.forEach((what, updates) -> rows.add(new Row(
                49,
                "updates: " + updates,
                world -> world.refused(
                        "r49-" + what,
                        HELLO.formatted("r49") + "updates: " + updates,
                        "spec.updates",
                        Reason.InvalidSpec))));
        rows.add(new Row(
                49,
                "a timeout that overflows",
                world -> world.refused(
                        "r49-overflow", HELLO.formatted("r49") + "updates: {timeout: 99999999999h}", "spec.updates")));
        rows.add(new Row(
                49,
                "an interval of -1m",
                world -> world.refused(
                        "r49-interval",
                        "project: {git: {url: \"https://localhost:1/x.git\", interval: \"-1m\"}}",
                        "spec.project.git",
                        Reason.InvalidSpec)));
        rows.add(new Row(
                49,
                "a history of -5 Updates",
                world -> world.refused(
                        "r49-history",
                        HELLO.formatted("r49") + "historyLimit: -5",
                        "spec.historyLimit",
                        Reason.InvalidSpec)));
        return rows;
    }
}
