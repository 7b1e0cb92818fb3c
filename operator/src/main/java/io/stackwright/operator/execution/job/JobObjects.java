package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Labels;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.RunRequest.RunKey;
import io.stackwright.operator.settings.OperatorSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The objects that one run consists of. Pure: nothing is asked or written. */
final class JobObjects {

    /** Where the runner and its Java are, in the container. */
    static final String HOME = "/stackwright";

    /** Where the input Secret is. */
    static final String INPUT_PATH = "/stackwright-run";

    /** The runner's data directory. */
    static final String WORK = "/work";

    /** Where plugins and dependencies are kept that outlive a pod: of a claim, or a part of the image. */
    static final String CACHE = "/stackwright-cache";

    /** The container that Pulumi runs in. */
    static final String CONTAINER = "pulumi";

    /** Where the operator's image has the runner and its Java. */
    static final String IMAGE_HOME = "/opt/stackwright";

    /** The init container that brings the runner. */
    static final String INIT_CONTAINER = "runner";

    /** What the names of our volumes begin with. */
    static final String VOLUME_PREFIX = "stackwright";

    /** Digest of the Pulumi stack that a Job works on: one Job at a time. */
    static final String IDENTITY = "stackwright.io/identity";

    /** On a Job: whether the Stack refers to a passphrase of its own. */
    static final String PASSPHRASE = "stackwright.io/passphrase";

    /** On a Job: that it was asked to stop. */
    static final String CANCELLED = "stackwright.io/cancelled";

    /** On a Job: that it has had several pods, so that one whose end it has counted may be any of them. */
    static final String REPLACED = "stackwright.io/pod-replaced";

    /** On a Job: what it does. */
    static final String OPERATION = "stackwright.io/operation";

    /** Annotation: its end is recorded. Not the time that it is kept for, which policies of a cluster give to all Jobs. */
    static final String RECORDED = "stackwright.io/recorded";

    /** How long a Job may wait for a node, an image or a volume besides what it may run. */
    static final Duration START = Duration.ofHours(1);

    /** For the report of a run that was stopped. */
    static final Duration REPORT = Duration.ofSeconds(90);

    private static final Duration TOKEN_MARGIN = Duration.ofMinutes(10);
    private static final long USER = 65532;
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);

    private JobObjects() {}

    static Map<String, String> labels(RunKey run) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(Labels.MANAGED_BY, Labels.MANAGER);
        labels.put(Labels.STACK, run.stack().name());
        labels.put(Labels.STACK_UID, run.stackUid());
        labels.put(Labels.UPDATE, run.update());
        labels.put(Labels.UPDATE_UID, run.updateUid());
        return labels;
    }

    private static ObjectMeta metadata(RunKey run, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(run.stack().namespace())
                .withLabels(labels(run))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(HasMetadata.getApiVersion(Update.class))
                        .withKind(HasMetadata.getKind(Update.class))
                        .withName(run.update())
                        .withUid(run.updateUid())
                        .withController(true)
                        .withBlockOwnerDeletion(false)
                        .build())
                .build();
    }

    /** The account that the run reports with; never the one that its pod runs under. */
    static ServiceAccount account(RunKey run) {
        return new ServiceAccountBuilder()
                .withMetadata(metadata(run, RunObjects.account(run.update())))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    /** What the run may do: read and report on its own Update, and write its own result. */
    static Role role(RunKey run) {
        return new RoleBuilder()
                .withMetadata(metadata(run, RunObjects.account(run.update())))
                .addNewRule()
                .withApiGroups(HasMetadata.getGroup(Update.class))
                .withResources(HasMetadata.getPlural(Update.class))
                .withResourceNames(run.update())
                .withVerbs("get")
                .endRule()
                .addNewRule()
                .withApiGroups(HasMetadata.getGroup(Update.class))
                .withResources(HasMetadata.getPlural(Update.class) + "/status")
                .withResourceNames(run.update())
                .withVerbs("patch")
                .endRule()
                .addNewRule()
                .withApiGroups("")
                .withResources("secrets")
                .withResourceNames(RunObjects.result(run.update()))
                .withVerbs("get", "patch")
                .endRule()
                .build();
    }

    static RoleBinding binding(RunKey run) {
        String name = RunObjects.account(run.update());
        return new RoleBindingBuilder()
                .withMetadata(metadata(run, name))
                .withNewRoleRef("rbac.authorization.k8s.io", "Role", name)
                .addNewSubject()
                .withKind("ServiceAccount")
                .withName(name)
                .withNamespace(run.stack().namespace())
                .endSubject()
                .build();
    }

    /** Made empty: the run's token may change this Secret, and create none. */
    static Secret result(RunKey run) {
        return new SecretBuilder()
                .withMetadata(metadata(run, RunObjects.result(run.update())))
                .withType("Opaque")
                .build();
    }

    static Secret input(RunKey run, RunInput input) {
        return new SecretBuilder()
                .withMetadata(metadata(run, RunObjects.input(run.update())))
                .withType("Opaque")
                .withData(Map.of(RunObjects.RUN, Base64.getEncoder().encodeToString(input.toBytes())))
                .build();
    }

    /** A token that dies with the input Secret. */
    static TokenRequest token(RunRequest request, Secret input) {
        Duration life = deadline(request).plus(REPORT).plus(TOKEN_MARGIN);
        return new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(life.toSeconds())
                .withNewBoundObjectRef()
                .withApiVersion("v1")
                .withKind("Secret")
                .withName(input.getMetadata().getName())
                .withUid(input.getMetadata().getUid())
                .endBoundObjectRef()
                .endSpec()
                .build();
    }

    /**
     * What is wrong with a token that expires before its run may report; API servers have a longest life that they cut
     * tokens to without a word ({@code --service-account-max-token-expiration}).
     *
     * @param expires as the API server says
     */
    static Optional<String> shortToken(RunRequest request, String expires, Instant now) {
        Duration life = Duration.between(now, Instant.parse(expires));
        return life.compareTo(deadline(request).plus(REPORT)) >= 0
                ? Optional.empty()
                : Optional.of("spec.updates.timeout: the API server gives the run a token for " + life.toMinutes()
                        + " minutes, and timeout, grace and the hour that a pod may wait for its start take "
                        + deadline(request).plus(REPORT).toMinutes() + "; shorten the timeout, or have the API server"
                        + " give longer tokens (--service-account-max-token-expiration)");
    }

    private static Duration deadline(RunRequest request) {
        return request.options().timeout().plus(request.options().grace()).plus(START);
    }

    /**
     * The Job.
     *
     * @throws IllegalArgumentException when the Stack's template has a value of a wrong type; the message names it
     */
    static Job job(RunRequest request, OperatorSettings.Jobs settings) {
        RunKey run = request.run();
        boolean given = request.inputs().passphrase().isPresent();
        return new JobBuilder()
                .withMetadata(new ObjectMetaBuilder(metadata(run, run.update()))
                        .addToLabels(IDENTITY, identity(request))
                        .addToAnnotations(PASSPHRASE, given ? "given" : "generated")
                        .addToAnnotations(OPERATION, request.operation().name())
                        .build())
                .withNewSpec()
                .withBackoffLimit(0)
                .withCompletions(1)
                .withParallelism(1)
                .withPodReplacementPolicy("Failed")
                .withActiveDeadlineSeconds(deadline(request).toSeconds())
                .withTemplate(template(request, settings))
                .endSpec()
                .build();
    }

    /** The JSON merge patch that sets one of our marks on this very Job. */
    static String mark(Job job, String annotation) {
        return "{\"metadata\": {\"uid\": \"%s\", \"annotations\": {\"%s\": \"true\"}}}"
                .formatted(job.getMetadata().getUid(), annotation);
    }

    /**
     * The Stack's template over ours.
     *
     * @throws IllegalArgumentException when it has a value of a wrong type; the message names it
     */
    static PodTemplateSpec template(RunRequest request, OperatorSettings.Jobs settings) {
        Duration grace = request.options().grace().plus(REPORT);
        JsonNode ours = JSON.valueToTree(JobPods.template(labels(request.run()), request, settings, grace, USER));
        JsonNode merged = request.execution()
                .map(ExecutionSpec::podTemplate)
                .map(template -> StrategicMerge.merged(ours, template))
                .orElse(ours);
        try {
            PodTemplateSpec template = JSON.treeToValue(merged, PodTemplateSpec.class);
            PodResources.complete(template.getSpec());
            return template;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("spec.execution.podTemplate: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "spec.execution.podTemplate: resources of container pulumi: " + e.getMessage(), e);
        }
    }

    /** One text for each Pulumi stack. A folder is one of the namespace: its volumes are. */
    static String identity(RunRequest request) {
        String scope = request.identity().backend().startsWith("file://")
                ? request.run().stack().namespace()
                : "";
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest((scope + "|" + request.identityKey()).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
