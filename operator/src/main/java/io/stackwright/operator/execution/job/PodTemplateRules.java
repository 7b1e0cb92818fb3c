package io.stackwright.operator.execution.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.ExecutionSpec;
import io.stackwright.api.v1alpha1.Labels;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a Stack's {@code podTemplate} may ask for: what is listed here and nothing else, so that a field that Kubernetes
 * gets tomorrow is refused until somebody has thought about it. Whoever writes a Stack may not be allowed to create pods:
 * nothing is let through that takes the pod out of Kubernetes' restricted pod security, past the scheduler, or into the
 * way of what this operator puts into it.
 */
public final class PodTemplateRules {

    private static final String ROOT = "spec.execution.podTemplate";

    /** Folders of the container that are ours, or the kubelet's. */
    private static final List<String> RESERVED_PATHS = List.of(
            JobObjects.HOME, JobObjects.INPUT_PATH, JobObjects.WORK, "/tmp", "/var/run/secrets/kubernetes.io", "/proc");

    private static final Pattern RESERVED_VARIABLE =
            Pattern.compile("POD_(NAME|UID)|KUBERNETES_.*|LD_.*|(_|JDK_)?JAVA_(TOOL_)?OPTIONS|PATH|HOME");

    private static final String NAME_LABEL = "app.kubernetes.io/name";
    private static final String INSTANCE_LABEL = "app.kubernetes.io/instance";

    /** Fields that refer to a Secret, or name one: of volumes and their sources, variables, drivers. */
    private static final Set<String> SECRETS =
            Set.of("secret", "secretRef", "secretKeyRef", "nodePublishSecretRef", "secretName");

    /** What the name of a Secret is called in such a field. */
    private static final List<String> NAMES = List.of("name", "secretName");

    /** Annotations in which Kubernetes looks, or has looked, for what is in the security context. */
    private static final Pattern SECURITY_ANNOTATION =
            Pattern.compile("(container\\.)?(apparmor|seccomp)\\.security\\.(alpha|beta)\\.kubernetes\\.io");

    /** Volumes of Kubernetes' restricted pod security. */
    private static final List<String> VOLUMES = List.of(
            "configMap", "secret", "emptyDir", "persistentVolumeClaim", "projected", "downwardAPI", "csi", "ephemeral");

    /** What stands at a place of the template: why it cannot be taken, or nothing. */
    private interface Rule {
        Optional<String> refusal(String path, JsonNode value);
    }

    private static final Rule ANYTHING = PodTemplateRules::plain;

    private static final Rule SECCOMP =
            fields(Map.of("type", oneOf("RuntimeDefault", "Localhost"), "localhostProfile", ANYTHING));

    private static final Rule CONTAINER_SECURITY = fields(Map.of(
            "runAsUser",
            PodTemplateRules::notRoot,
            "runAsGroup",
            ANYTHING,
            "runAsNonRoot",
            only(true),
            "readOnlyRootFilesystem",
            ANYTHING,
            "allowPrivilegeEscalation",
            only(false),
            "privileged",
            only(false),
            "capabilities",
            fields(Map.of("drop", PodTemplateRules::dropsAll)),
            "seccompProfile",
            SECCOMP));

    private static final Rule CONTAINER = fields(Map.of(
            "name", oneOf(JobObjects.CONTAINER),
            "env", items(PodTemplateRules::variable),
            "envFrom", items(PodTemplateRules::noneOfARun),
            "resources", ANYTHING,
            "volumeMounts",
                    items(fields(Map.of(
                            "name", ANYTHING,
                            "mountPath", PodTemplateRules::mountPath,
                            "subPath", ANYTHING,
                            "readOnly", ANYTHING,
                            "recursiveReadOnly", ANYTHING))),
            "securityContext", CONTAINER_SECURITY,
            "imagePullPolicy", oneOf("Always", "IfNotPresent", "Never")));

    private static final Rule POD_SECURITY = fields(Map.of(
            "runAsUser", PodTemplateRules::notRoot,
            "runAsGroup", ANYTHING,
            "runAsNonRoot", only(true),
            "fsGroup", ANYTHING,
            "fsGroupChangePolicy", ANYTHING,
            "supplementalGroups", ANYTHING,
            "seccompProfile", SECCOMP));

    private static final Rule SPEC = fields(Stream.concat(
                    Stream.of(
                                    "nodeSelector",
                                    "affinity",
                                    "tolerations",
                                    "topologySpreadConstraints",
                                    "runtimeClassName",
                                    "schedulerName",
                                    "dnsPolicy",
                                    "dnsConfig",
                                    "hostAliases",
                                    "automountServiceAccountToken")
                            .map(name -> Map.entry(name, ANYTHING)),
                    Stream.<Map.Entry<String, Rule>>of(
                            Map.entry("priorityClassName", PodTemplateRules::priority),
                            Map.entry("imagePullSecrets", items(PodTemplateRules::pullSecret)),
                            Map.entry("hostUsers", only(false)),
                            Map.entry("securityContext", POD_SECURITY),
                            Map.entry("volumes", items(PodTemplateRules::volume)),
                            Map.entry("containers", items(CONTAINER))))
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));

    private static final Rule TEMPLATE = fields(Map.of(
            "metadata",
            fields(Map.of("labels", PodTemplateRules::notOurs, "annotations", PodTemplateRules::annotations)),
            "spec",
            SPEC));

    private PodTemplateRules() {}

    /** Why the Stack's template is refused: the message begins with the field. */
    public static Optional<String> refusal(ExecutionSpec execution) {
        JsonNode template = execution.podTemplate();
        if (template == null) {
            return Optional.empty();
        }
        Optional<String> refusal = refusal(template);
        return execution.cache() == null ? refusal : refusal.or(() -> overTheCache(template));
    }

    static Optional<String> refusal(JsonNode template) {
        return TEMPLATE.refusal(ROOT, template);
    }

    /** Without a claim the place is free: a template may mount there what the runner then finds. */
    private static Optional<String> overTheCache(JsonNode template) {
        Rule mount = (path, value) -> {
            String place = value.path("mountPath").asText("");
            return isWithin(place, JobObjects.CACHE) || isWithin(JobObjects.CACHE, place)
                    ? refused(
                            path + ".mountPath",
                            "is in the way of " + JobObjects.CACHE + ", where spec.execution.cache is")
                    : Optional.empty();
        };
        Rule container = (path, value) -> value.has("volumeMounts")
                ? items(mount).refusal(path + ".volumeMounts", value.get("volumeMounts"))
                : Optional.empty();
        JsonNode containers = template.path("spec").path("containers");
        return containers.isMissingNode()
                ? Optional.empty()
                : items(container).refusal(ROOT + ".spec.containers", containers);
    }

    /** Whether a ServiceAccount is one that a run reports with. */
    public static boolean isAccountOfARun(String name) {
        return RunObjects.isName(name);
    }

    private static Rule fields(Map<String, Rule> allowed) {
        Map<String, Rule> sorted = new TreeMap<>(allowed);
        return (path, value) -> {
            if (!value.isObject()) {
                return refused(path, "must be an object");
            }
            return first(value.properties().stream().map(field -> {
                Rule rule = sorted.get(field.getKey());
                String place = path + "." + field.getKey();
                return rule == null
                        ? refused(place, "may not be set; what may: " + String.join(", ", sorted.keySet()))
                        : rule.refusal(place, field.getValue());
            }));
        };
    }

    private static Rule items(Rule rule) {
        return (path, value) -> value.isArray()
                ? first(IntStream.range(0, value.size())
                        .mapToObj(i -> rule.refusal(path + "[" + i + "]", value.get(i))))
                : refused(path, "must be a list");
    }

    private static Rule oneOf(String... allowed) {
        Set<String> values = Set.copyOf(Arrays.asList(allowed));
        return (path, value) -> value.isTextual() && values.contains(value.asText())
                ? Optional.empty()
                : refused(path, "must be " + String.join(" or ", allowed));
    }

    private static Rule only(boolean allowed) {
        return (path, value) -> value.isBoolean() && value.asBoolean() == allowed
                ? Optional.empty()
                : refused(path, "can only be " + allowed);
    }

    /** Lists without a key are replaced: one without ALL would give back what we take away. */
    private static Optional<String> dropsAll(String path, JsonNode value) {
        boolean all = value.isArray()
                && IntStream.range(0, value.size())
                        .anyMatch(i -> "ALL".equals(value.get(i).asText()));
        return all ? plain(path, value) : refused(path, "must have ALL in it");
    }

    private static Optional<String> notRoot(String path, JsonNode value) {
        return value.isIntegralNumber() && value.asLong() > 0
                ? Optional.empty()
                : refused(path, "must be a number above 0: Jobs do not run as root");
    }

    /** Any JSON; but a null would take away what we have set, and so would a directive of a patch. */
    private static Optional<String> plain(String path, JsonNode value) {
        if (value.isNull()) {
            return refused(path, "must not be null");
        }
        if (value.isArray()) {
            return items(ANYTHING).refusal(path, value);
        }
        return first(value.properties().stream()
                .map(field -> field.getKey().startsWith("$")
                        ? refused(path + "." + field.getKey(), "is a directive of a patch, and none is taken")
                        : plain(path + "." + field.getKey(), field.getValue())));
    }

    /** Any JSON in which no Secret of a run is referred to. */
    private static Optional<String> noneOfARun(String path, JsonNode value) {
        return plain(path, value).or(() -> noSecretOfARun(path, value));
    }

    private static Optional<String> noSecretOfARun(String path, JsonNode value) {
        if (value.isArray()) {
            return items(PodTemplateRules::noSecretOfARun).refusal(path, value);
        }
        return first(value.properties().stream().map(field -> {
            String place = path + "." + field.getKey();
            return SECRETS.contains(field.getKey())
                    ? notOfARun(place, field.getValue())
                    : noSecretOfARun(place, field.getValue());
        }));
    }

    /** The reference, or the name itself. */
    private static Optional<String> notOfARun(String path, JsonNode value) {
        if (value.isTextual()) {
            return RunObjects.isName(value.asText())
                    ? refused(path, "names an object that belongs to a run")
                    : Optional.empty();
        }
        return first(NAMES.stream().filter(value::has).map(name -> notOfARun(path + "." + name, value.get(name))));
    }

    private static Optional<String> pullSecret(String path, JsonNode value) {
        return plain(path, value).or(() -> notOfARun(path, value));
    }

    private static Optional<String> variable(String path, JsonNode value) {
        String name = value.path("name").asText("");
        return RESERVED_VARIABLE.matcher(name).matches()
                ? refused(path + ".name", name + " is set by the operator or misleads the runner")
                : noneOfARun(path, value);
    }

    private static Optional<String> volume(String path, JsonNode value) {
        if (value.path("name").asText("").startsWith(JobObjects.VOLUME_PREFIX)) {
            return refused(path + ".name", "must not begin with " + JobObjects.VOLUME_PREFIX);
        }
        Map<String, Rule> allowed = new TreeMap<>();
        allowed.put("name", ANYTHING);
        VOLUMES.forEach(kind -> allowed.put(kind, PodTemplateRules::noneOfARun));
        return fields(allowed).refusal(path, value);
    }

    private static Optional<String> mountPath(String path, JsonNode value) {
        String mount = value.asText("");
        boolean plain = mount.startsWith("/")
                && !(mount + "/").contains("/../")
                && !(mount + "/").contains("/./")
                && !mount.contains("//");
        if (!plain) {
            return refused(path, "must be an absolute path without . and ..");
        }
        return RESERVED_PATHS.stream()
                .filter(reserved -> isWithin(mount, reserved) || isWithin(reserved, mount))
                .findFirst()
                .flatMap(reserved -> refused(path, "is in the way of " + reserved + ", which is not the Stack's"));
    }

    /** Whether a path is another one or lies below it. */
    static boolean isWithin(String path, String folder) {
        String above = folder.endsWith("/") ? folder : folder + "/";
        return (path.endsWith("/") ? path : path + "/").startsWith(above);
    }

    private static Optional<String> notOurs(String path, JsonNode value) {
        if (!value.isObject()) {
            return refused(path, "must be an object");
        }
        Function<String, Boolean> ours = key -> key.contains("stackwright.io/")
                || key.equals(Labels.MANAGED_BY)
                // With the name, by that the operator's Service and disruption budget know its pods, which may be in
                // the same namespace; the chart can give it any name.
                || key.equals(INSTANCE_LABEL)
                || key.startsWith("batch.kubernetes.io/")
                || key.equals("controller-uid")
                || key.equals("job-name");
        // Nor may it pass for the operator where people look for that.
        boolean asOperator = value.path(NAME_LABEL).asText().equals(Labels.MANAGER);
        return first(value.properties().stream()
                .map(field -> ours.apply(field.getKey())
                                || asOperator && field.getKey().equals(NAME_LABEL)
                        ? refused(path + "." + field.getKey(), "belongs to the operator or to Kubernetes")
                        : field.getValue().isTextual()
                                ? Optional.<String>empty()
                                : refused(path + "." + field.getKey(), "must be text")));
    }

    /** Kubernetes takes profiles from annotations too: what is confined by a field could be freed by one. */
    private static Optional<String> annotations(String path, JsonNode value) {
        return notOurs(path, value)
                .or(() -> first(value.properties().stream()
                        .filter(field ->
                                SECURITY_ANNOTATION.matcher(field.getKey()).lookingAt())
                        .map(field ->
                                refused(path + "." + field.getKey(), "sets the pod's security; use securityContext"))));
    }

    /** Such a pod would drive those of everybody else off their nodes. */
    private static Optional<String> priority(String path, JsonNode value) {
        return value.isTextual() && !value.asText().startsWith("system-")
                ? Optional.empty()
                : refused(path, "must be the name of a class that is not one of Kubernetes' own, system-…");
    }

    private static Optional<String> first(Stream<Optional<String>> refusals) {
        return refusals.flatMap(Optional::stream).findFirst();
    }

    private static Optional<String> refused(String path, String why) {
        return Optional.of(path + ": " + why);
    }
}
