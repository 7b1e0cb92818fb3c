package io.stackwright.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** Who runs an operation: the evidence by which a dead run is recognised. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExecutorStatus(
        @JsonPropertyDescription("Identity of the operator process: host name and a random part of its own.")
        String instance,

        @JsonPropertyDescription("Host name, which Pulumi writes into its locks.")
        String host,

        @JsonPropertyDescription("Process id of the operator on that host.")
        Long pid,

        @JsonPropertyDescription("Id of its data directory, which one process holds at a time.")
        String dataDirectory,

        @JsonPropertyDescription(
                "What the process id is counted in: the boot of the machine and the namespace of pids.")
        String pidScope) {

    /** An executor of which is not known what its process id is counted in. */
    public ExecutorStatus(String instance, String host, Long pid, String dataDirectory) {
        this(instance, host, pid, dataDirectory, null);
    }
}
