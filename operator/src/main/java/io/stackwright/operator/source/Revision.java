package io.stackwright.operator.source;

/**
 * Exactly one state of a source.
 *
 * @param revision what people read: {@code main@sha1:3f1c…}, {@code inline@sha256:…}, {@code configmap@sha256:…}
 * @param digest digest over the content below the project's path: two revisions with the same digest run alike
 * @param projectName {@code name} of Pulumi.yaml
 * @param runtime runtime name of Pulumi.yaml, for example {@code yaml}, {@code python}, {@code nodejs}
 */
public record Revision(String revision, String digest, String projectName, String runtime) {}
