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
public record GitSource(
        @Required
        @JsonPropertyDescription("Address of the repository, https or ssh, without credentials. Example:"
                + " https://github.com/acme/infra.git")
        @Pattern(
                "^(https|ssh)://[A-Za-z0-9\\[][^\\s]*$|^[A-Za-z0-9_][A-Za-z0-9_.-]*@[A-Za-z0-9][A-Za-z0-9.-]*:[^\\s-][^\\s]*$")
        @Size(max = 2048)
        String url,

        @JsonPropertyDescription("Follow this branch. Default, if tag and commit are absent too: the remote's HEAD.")
        @Pattern("^[A-Za-z0-9_][A-Za-z0-9_./+@-]*$")
        @Size(max = 255)
        String branch,

        @JsonPropertyDescription("Use this tag. Example: v1.4.0")
        @Pattern("^[A-Za-z0-9_][A-Za-z0-9_./+@-]*$")
        @Size(max = 255)
        String tag,

        @JsonPropertyDescription("Use exactly this commit: its full SHA-1, 40 hexadecimal digits.")
        @Pattern("^[0-9a-f]{40}$")
        String commit,

        @JsonPropertyDescription(
                "Directory of Pulumi.yaml inside the repository. Default: its root. Example: stacks/shop")
        @Pattern("^(\\./)?[A-Za-z0-9_][^\\\\\\x00-\\x1f]*$|^\\.$")
        @Size(max = 1024)
        String path,

        @JsonPropertyDescription(
                "Secret with credentials: `username` and `password` (or `token`) for https, with `ca.crt` for a"
                        + " private CA; `identity` (or `ssh-privatekey`), `known_hosts` and, for an encrypted key,"
                        + " `password` for ssh.")
        LocalRef secretRef,

        @JsonPropertyDescription("How often the repository is looked at, at least 10s. Default: 1m. Example: 5m")
        @Pattern(Durations.PATTERN)
        String interval) {}
