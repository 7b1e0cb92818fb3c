package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A directory of a Git repository at a branch, a tag or a commit. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "(has(self.branch) ? 1 : 0) + (has(self.tag) ? 1 : 0) + (has(self.commit) ? 1 : 0) <= 1",
        message = "at most one of branch, tag and commit may be set")
@ValidationRule(
        value = "self.url.matches(r'" + GitSource.URL_PATTERN + "')",
        message = "url must be https://host/path, ssh://user@host/path or user@host:path, without credentials: those go"
                + " into secretRef",
        fieldPath = ".url")
@ValidationRule(
        value = "!has(self.branch) || " + GitSource.BRANCH_FORM,
        message = "branch must be a name that Git allows, and not start with refs/",
        fieldPath = ".branch")
@ValidationRule(
        value = "!has(self.tag) || " + GitSource.TAG_FORM,
        message = "tag must be a name that Git allows, and not start with refs/",
        fieldPath = ".tag")
@ValidationRule(
        value = "!has(self.path) || !('/' + self.path + '/').contains('/../')",
        message = "path must stay inside the repository: no '..'",
        fieldPath = ".path")
@ValidationRule(
        value = "!has(self.interval) || duration(self.interval) >= duration('10s')",
        message = "interval must be at least 10s",
        fieldPath = ".interval")
public record GitSource(
        @Required
        @JsonPropertyDescription("Address of the repository, https or ssh, without credentials. Example:"
                + " https://github.com/acme/infra.git")
        @Size(max = 2048)
        String url,

        @JsonPropertyDescription(
                "Follow this branch. Default, if tag and commit are absent too: the remote's HEAD." + " Example: main")
        @Pattern(GitSource.REF_PATTERN)
        @Size(max = 255)
        String branch,

        @JsonPropertyDescription("Use this tag. Default: none. Example: v1.4.0")
        @Pattern(GitSource.REF_PATTERN)
        @Size(max = 255)
        String tag,

        @JsonPropertyDescription("Use exactly this commit: its full SHA-1, 40 hexadecimal digits. Default: none."
                + " Example: 3f1c2d4e5a6b7c8d9e0f1a2b3c4d5e6f7a8b9c0d")
        @Pattern("^[0-9a-f]{40}$")
        String commit,

        @JsonPropertyDescription(
                "Directory of Pulumi.yaml inside the repository. Default: its root. Example: stacks/shop")
        @Pattern("^[^-/\\\\\\x00-\\x1f\\x7f][^\\\\\\x00-\\x1f\\x7f]*$")
        @Size(max = 1024)
        String path,

        @JsonPropertyDescription(
                "Secret with credentials: `username` and `password` (or `token`) for https, with `ca.crt` for a"
                        + " private CA; `identity` (or `ssh-privatekey`), `known_hosts` and, for an encrypted key,"
                        + " `password` for ssh. Default: none, the repository is public. Example: {\"name\": \"git\"}")
        LocalRef secretRef,

        @JsonPropertyDescription("How often the repository is looked at, at least 10s. Default: 1m. Example: 5m")
        @Pattern(Durations.PATTERN)
        String interval) {

    // No user in an https address, no password in an ssh one: credentials belong into the Secret. Nothing that a
    // program could take for an option, no transport that runs programs or reads local files.
    static final String URL_PATTERN = "^https://[A-Za-z0-9\\[][^\\s@/?#\\\\]*(/[^\\s\\\\]*)?$"
            + "|^ssh://([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9\\[][A-Za-z0-9.:_\\]-]*/[^\\s\\\\-][^\\s\\\\]*$"
            + "|^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\\s\\\\-][^\\s\\\\]*$";

    // The characters that git-check-ref-format allows; CEL has its rules about sequences.
    static final String REF_PATTERN = "^[^-/.\\s~^:?*\\[\\\\\\x00-\\x1f\\x7f][^\\s~^:?*\\[\\\\\\x00-\\x1f\\x7f]*$";

    static final String BRANCH_FORM = "!(self.branch.startsWith('refs/') || self.branch.contains('..')"
            + " || self.branch.contains('@{') || self.branch.contains('//') || self.branch.contains('/.')"
            + " || self.branch.contains('.lock/') || self.branch.endsWith('.lock') || self.branch.endsWith('/')"
            + " || self.branch.endsWith('.') || self.branch == '@')";

    static final String TAG_FORM = "!(self.tag.startsWith('refs/') || self.tag.contains('..')"
            + " || self.tag.contains('@{') || self.tag.contains('//') || self.tag.contains('/.')"
            + " || self.tag.contains('.lock/') || self.tag.endsWith('.lock') || self.tag.endsWith('/')"
            + " || self.tag.endsWith('.') || self.tag == '@')";
}
