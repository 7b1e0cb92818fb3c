package io.stackwright.operator.execution.job;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.ProjectSource;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.api.v1alpha1.UpdateSpec;
import io.stackwright.operator.engine.OperationOptions;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Material;
import io.stackwright.operator.inputs.ConfigEntry;
import io.stackwright.operator.inputs.ReferenceReader;
import io.stackwright.operator.inputs.ResolvedInputs;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import io.stackwright.operator.source.ProjectSources;
import io.stackwright.operator.source.Revision;
import io.stackwright.operator.source.SourceLimits;
import io.stackwright.operator.source.SourceState;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What the operator would decide on: runs of one Stack on the backend of a rig. */
public final class JobInputs {

    static final String PASSPHRASE = "passphrase-canary-77";

    /** Of the Stack. */
    static final String UID = "0d9b3f6e-52a4-4f0c-9f61-6b7d0a4d1c11";

    private final JobRig rig;
    private final String stack;
    private final List<ConfigEntry> config = new ArrayList<>();
    private ProjectSource source;
    private CapturedReferences references = CapturedReferences.none();
    private Set<String> hosts = Set.of();
    private Optional<String> salt = Optional.empty();
    private Boolean adopted;
    private OptionalInt resources = OptionalInt.empty();
    private List<RunInput.DeadRun> dead = List.of();
    private Set<String> gone = Set.of();
    private Optional<String> traces = Optional.empty();
    private String stackUid = UID;
    private Duration timeout = Duration.ofMinutes(5);
    private Duration grace = Duration.ofMinutes(1);
    private boolean programLost;
    private boolean letGo;
    private int runs;

    public JobInputs(JobRig rig, String stack) {
        this.rig = rig;
        this.stack = stack;
    }

    /** The program, as YAML. */
    public JobInputs inline(String program) {
        return source(new ProjectSource(yaml(program), null, null, null), CapturedReferences.none());
    }

    JobInputs source(ProjectSource wanted, ReferenceReader cluster) {
        source = wanted;
        references = CapturedReferences.of(rig.namespace(), wanted, true, cluster);
        return this;
    }

    /** The source cannot be had any more, as happens when a Stack is deleted. */
    JobInputs withoutProgram() {
        programLost = true;
        return this;
    }

    JobInputs hosts(String... allowed) {
        hosts = Set.of(allowed);
        return this;
    }

    /** A plain value of the configuration. */
    public JobInputs config(String key, String value) {
        config.add(new ConfigEntry(key, false, yaml(value), false));
        return this;
    }

    /** A value that came from a Secret. */
    public JobInputs secret(String key, String value) {
        config.add(new ConfigEntry(key, false, yaml("\"" + value + "\""), true));
        return this;
    }

    /** The operator's collector. */
    JobInputs tracedTo(String collector) {
        traces = Optional.of(collector);
        return this;
    }

    /** From the start of the CLI. */
    public JobInputs timeout(Duration wanted) {
        timeout = wanted;
        return this;
    }

    JobInputs owner(String uid, String... goneOwners) {
        stackUid = uid;
        gone = Set.of(goneOwners);
        return this;
    }

    /** Earlier runs that are proven dead. */
    public JobInputs dead(RunInput.DeadRun... runs) {
        dead = List.of(runs);
        return this;
    }

    /** What the operator takes up after a run. */
    JobInputs after(String update) {
        salt = rig.result(update, RunObjects.ENCRYPTION_SALT)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .or(() -> salt);
        rig.result(update).ifPresent(result -> {
            adopted = result.outcome().adopted().orElse(null);
            resources = result.outcome().resources();
        });
        return this;
    }

    /** What is kept was handed over to people. */
    JobInputs letGo() {
        letGo = true;
        return this;
    }

    /** The salt alone: what a Stack that is made again finds in its Secret. */
    JobInputs keepingSaltOf(String update) {
        salt = rig.result(update, RunObjects.ENCRYPTION_SALT).map(bytes -> new String(bytes, StandardCharsets.UTF_8));
        return this;
    }

    /** The next run. */
    public RunInput run(Operation operation) {
        Update update =
                rig.update(stack + "-" + ++runs, new UpdateSpec(stack, operation, Cause.SpecChanged, null, null, null));
        Revision revision = revision();
        RunRequest request = new RunRequest(
                new RunRequest.RunKey(
                        new StackKey(rig.namespace(), stack),
                        stackUid,
                        update.getMetadata().getName(),
                        update.getMetadata().getUid()),
                operation,
                Cause.SpecChanged,
                new StackIdentity("organization", revision.projectName(), stack, rig.backendUrl(), adopted),
                rig.backendUrl(),
                programLost ? Optional.empty() : Optional.of(new RunRequest.Program(source, revision)),
                new ResolvedInputs(
                        List.copyOf(config),
                        Map.of(),
                        Set.copyOf(config.stream()
                                .filter(ConfigEntry::secret)
                                .map(entry -> entry.value().asText())
                                .toList()),
                        Optional.empty()),
                new OperationOptions(
                        OptionalInt.empty(), false, false, operation == Operation.Destroy, List.of(), timeout, grace),
                new RunRequest.Tags(Map.of(), Map.of()),
                resources);
        return new RunInput(
                        request,
                        references,
                        new Material(PASSPHRASE, salt, !letGo, letGo),
                        "installation",
                        gone,
                        dead,
                        new RunInput.SourceLimits(hosts, 10 << 20, Duration.ofSeconds(30)),
                        new RunInput.Log(LogFormat.TEXT, "debug"))
                .tracedTo(traces);
    }

    private Revision revision() {
        try (ProjectSources sources = new ProjectSources(
                new SourceLimits(rig.folder().resolve("operator"), hosts, 10 << 20, Duration.ofSeconds(30)),
                references,
                Clock.systemUTC(),
                woken -> {},
                (kind, succeeded, took) -> {})) {
            SourceState state = await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> sources.resolve(new StackKey(rig.namespace(), stack), source, Optional.empty()),
                            found -> !(found instanceof SourceState.Pending));
            return ((SourceState.Resolved) state).revision();
        }
    }

    private static JsonNode yaml(String text) {
        try {
            return new YAMLMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
