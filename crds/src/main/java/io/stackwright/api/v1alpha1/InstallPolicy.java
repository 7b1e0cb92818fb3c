package io.stackwright.api.v1alpha1;

/** Whether language dependencies are installed before a run. */
public enum InstallPolicy {
    /** Run {@code pulumi install} for languages that have dependencies, cached by lock file. */
    Auto,
    /** The source brings what it needs. */
    Never
}
