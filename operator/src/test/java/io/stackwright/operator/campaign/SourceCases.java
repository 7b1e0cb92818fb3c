package io.stackwright.operator.campaign;

import static io.stackwright.operator.campaign.Case.good;
import static io.stackwright.operator.campaign.Case.refused;
import static io.stackwright.operator.campaign.Case.stalls;
import static io.stackwright.operator.campaign.Case.waits;

import io.stackwright.api.v1alpha1.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the program comes from. */
final class SourceCases {

    private SourceCases() {}

    static List<Case> all() {
        List<Case> all = new ArrayList<>(sources());
        all.addAll(git());
        return all;
    }

    private static List<Case> sources() {
        return List.of(
                good("project.inline", "another value", project("inline: " + Echo.program("changed")))
                        .putBack(),
                good("project.inline", "one output more", "project: {inline: {outputs: {more: [1, 2]}}}")
                        .putBack(),
                good("project.inline", "one output less", "project: {inline: {outputs: {tier: null}}}")
                        .putBack(),
                good("project.inline", "a description", "project: {inline: {description: '$RANDOM'}}")
                        .putBack(),
                stalls("project.inline", "another name", "project: {inline: {name: other}}", Reason.IdentityChanged),
                stalls(
                        "project.inline",
                        "without a runtime",
                        "project: {inline: {runtime: null}}",
                        Reason.SourceInvalid),
                stalls(
                        "project.inline",
                        "of an unknown language",
                        "project: {inline: {runtime: cobol}}",
                        Reason.SourceInvalid),
                waits(
                        "project.inline",
                        "a program that fails",
                        "project: {inline: {outputs: {bad: {'fn::readFile': /nowhere}}}}",
                        Reason.UpdateFailed),
                refused(
                        "project.inline",
                        "delete",
                        "project: {inline: null, git: null, configMap: null}",
                        "spec.project"),
                good("project.configMap.name", "instead of inline", project("configMap: {name: echo-1}"))
                        .putBack(),
                good("project.configMap.name", "another one", project("configMap: {name: echo-2}"))
                        .putBack(),
                waits(
                        "project.configMap.name",
                        "of nothing",
                        project("configMap: {name: nowhere}"),
                        Reason.SourceNotReady),
                refused(
                        "project.configMap.name",
                        "empty",
                        project("configMap: {name: ''}"),
                        "spec.project.configMap.name"),
                refused(
                        "project.configMap.name",
                        "beside inline",
                        "project: {inline: {name: campaign}, git: null, configMap: {name: echo-1}}",
                        "spec.project"),
                good("project.install", "Never", "project: {install: Never}"),
                good("project.install", "Auto", "project: {install: Auto}"),
                good("project.install", "delete", "project: {install: null}"));
    }

    /** All of the source replaced. */
    private static String project(String source) {
        String others = Stream.of("inline", "git", "configMap")
                .filter(kind -> !source.startsWith(kind + ":"))
                .map(kind -> kind + ": null, ")
                .collect(Collectors.joining());
        return "project: {" + others + source + "}";
    }

    private static List<Case> git() {
        return List.of(
                good("project.git.url", "instead of inline", git("one", "path: web"))
                        .putBack(),
                good("project.git.url", "another repository", git("two", "path: web"))
                        .putBack(),
                good("project.git.branch", "main", git("one", "branch: main, path: web"))
                        .putBack(),
                good("project.git.branch", "another", git("one", "branch: other, path: web"))
                        .putBack(),
                good("project.git.tag", "a tag", git("one", "tag: v1, path: web"))
                        .putBack(),
                good("project.git.commit", "a commit", git("one", "commit: '$COMMIT', path: web"))
                        .putBack(),
                good("project.git.path", "another", git("one", "path: api/v2")).putBack(),
                good("project.git.path", "delete", git("one", "branch: main")).putBack(),
                good("project.git.interval", "shortest", git("one", "path: web, interval: 10s"))
                        .putBack(),
                stalls(
                        "project.git.branch",
                        "that is not there",
                        git("one", "branch: nowhere, path: web"),
                        Reason.SourceInvalid),
                stalls("project.git.tag", "that is not there", git("one", "tag: v9, path: web"), Reason.SourceInvalid),
                stalls("project.git.path", "that is not there", git("one", "path: nowhere"), Reason.SourceInvalid),
                good(
                                "project.git.secretRef.name",
                                "another with the same content",
                                git("one", "secretRef: {name: git-ca-too}, path: web"))
                        .putBack(),
                waits(
                        "project.git.secretRef.name",
                        "of nothing",
                        git("one", "secretRef: {name: nowhere}, path: web"),
                        Reason.SourceNotReady),
                refused(
                        "project.git.branch",
                        "beside a tag",
                        git("one", "branch: main, tag: v1, path: web"),
                        "spec.project.git"),
                refused("project.git.path", "outside", git("one", "path: ../up"), "spec.project.git.path"),
                refused(
                        "project.git.interval",
                        "too short",
                        git("one", "path: web, interval: 9s"),
                        "spec.project.git.interval"),
                refused(
                        "project.git.commit",
                        "no commit",
                        git("one", "commit: abc, path: web"),
                        "spec.project.git.commit"));
    }

    private static String git(String repository, String fields) {
        String secret = fields.contains("secretRef") ? "" : "secretRef: {name: git-ca}, ";
        return project("git: {url: '$GIT/" + repository + ".git', " + secret + fields + "}");
    }
}
