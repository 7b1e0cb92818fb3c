package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.testkit.ControlPlane;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the API server admits. Each file of {@code invalid} says in its first line what the refusal must contain, its
 * parts with {@code …} between them: the path of the field first.
 */
class CrdValidationIT {

    private static final String EXPECT = "# expect: ";
    private static final String TARGET = "urn:pulumi:prod::shop::random:index:Pet::a";

    private static KubernetesClient client;
    private static String namespace;

    @BeforeAll
    static void applyCrds() {
        ControlPlane.shared().applyCrds(CrdManifests.FOLDER);
        client = ControlPlane.shared().client();
        namespace = ControlPlane.shared().createNamespace("crds");
    }

    static Stream<Path> invalid() throws IOException {
        return files("invalid", 35);
    }

    static Stream<Path> valid() throws IOException {
        return files("valid", 10);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void refusesAndNamesTheField(Path file) throws Exception {
        // given
        String yaml = Files.readString(file);
        String expected = yaml.lines().findFirst().orElseThrow();
        assertThat(expected).startsWith(EXPECT);

        // when
        KubernetesClientException refusal = catchThrowableOfType(KubernetesClientException.class, () -> create(yaml));

        // then
        assertThat(refusal).as("the refusal").isNotNull();
        assertThat(refusal.getCode()).isIn(400, 422);
        String[] parts = expected.substring(EXPECT.length()).split(" … ");
        assertThat(causes(refusal)).anySatisfy(cause -> assertThat(cause).containsSubsequence(parts));
    }

    @ParameterizedTest
    @MethodSource("valid")
    void acceptsAndKeepsTheSpecAsItIs(Path file) throws Exception {
        // given
        String yaml = Files.readString(file);

        // when
        GenericKubernetesResource created = create(yaml);

        // then: no defaults in the spec, nothing pruned
        JsonNode spec = Serialization.unmarshal(yaml, JsonNode.class).get("spec");
        assertThat(new KubernetesSerialization()
                        .convertValue(created, JsonNode.class)
                        .get("spec"))
                .isEqualTo(spec);
    }

    @Test
    void newObjectsAreNotYetObserved() {
        // when
        Stack stack =
                client.resource(stack("unobserved")).inNamespace(namespace).create();
        Update update = client.resource(update("unobserved-1", "unobserved"))
                .inNamespace(namespace)
                .create();

        // then
        assertThat(stack.getStatus().observedGeneration()).isEqualTo(-1);
        assertThat(update.getStatus().observedGeneration()).isEqualTo(-1);
    }

    static Stream<UnaryOperator<UpdateSpec>> changes() {
        return Stream.of(
                s -> new UpdateSpec("other", s.operation(), s.cause(), s.revision(), s.fingerprint(), s.targets()),
                s -> new UpdateSpec(
                        s.stack(), Operation.Refresh, s.cause(), s.revision(), s.fingerprint(), s.targets()),
                s -> new UpdateSpec(s.stack(), s.operation(), null, s.revision(), s.fingerprint(), s.targets()),
                s -> new UpdateSpec(s.stack(), s.operation(), s.cause(), "other", s.fingerprint(), s.targets()),
                s -> new UpdateSpec(s.stack(), s.operation(), s.cause(), s.revision(), "added", s.targets()),
                s -> new UpdateSpec(s.stack(), s.operation(), s.cause(), s.revision(), s.fingerprint(), null),
                s -> new UpdateSpec(
                        s.stack(), s.operation(), s.cause(), s.revision(), s.fingerprint(), List.of(TARGET, TARGET)),
                s -> new UpdateSpec(
                        s.stack(), s.operation(), s.cause(), s.revision(), s.fingerprint(), s.targets(), true, null),
                s -> new UpdateSpec(
                        s.stack(),
                        s.operation(),
                        s.cause(),
                        s.revision(),
                        s.fingerprint(),
                        s.targets(),
                        null,
                        List.of(new PendingCreateImport(TARGET, "logs"))));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void specOfAnUpdateIsImmutable(UnaryOperator<UpdateSpec> change) {
        // given
        Update update = update("immutable-" + System.nanoTime(), "immutable");
        update.setSpec(new UpdateSpec("immutable", Operation.Up, Cause.Requested, "main", null, List.of(TARGET)));
        Update created = client.resource(update).inNamespace(namespace).create();

        // when
        created.setSpec(change.apply(created.getSpec()));

        // then
        assertThatThrownBy(() -> client.resource(created).update())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec: Invalid value")
                .hasMessageContaining("an Update's spec is immutable; create another Update");
    }

    /** As the framework applies a finalizer to what has been deleted meanwhile: an apply would make it anew. */
    @Test
    void aFinalizerBringsNothingBack() {
        // given
        Stack gone = new Stack();
        gone.setMetadata(new ObjectMetaBuilder()
                .withName("gone")
                .withNamespace(namespace)
                .withFinalizers("stackwright.io/stack")
                .build());
        gone.setStatus(null);

        // then
        assertThatThrownBy(() -> client.resource(gone)
                        .fieldManager("stackwright")
                        .forceConflicts()
                        .serverSideApply())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec: Required value");
    }

    @Test
    void metadataOfAnUpdateIsNot() {
        // given
        Update created = client.resource(update("annotated-1", "annotated"))
                .inNamespace(namespace)
                .create();

        // when
        created.getMetadata().setAnnotations(Map.of("stackwright.io/cancel", "true"));

        // then
        assertThatCode(() -> client.resource(created).update()).doesNotThrowAnyException();
    }

    @Test
    void conditionsAreAMapByType() {
        // given
        Stack stack =
                client.resource(stack("conditions")).inNamespace(namespace).create();
        var ready = new Condition("Ready", "False", 1L, "2026-01-01T00:00:00Z", "Progressing", "first run");

        // when
        stack.setStatus(withConditions(List.of(ready, ready)));

        // then
        assertThatThrownBy(() -> client.resource(stack).updateStatus())
                .hasMessageContaining("status.conditions[1]: Duplicate value: {\"type\":\"Ready\"}");

        // when
        stack.setStatus(withConditions(List.of(ready)));

        // then
        assertThat(client.resource(stack).updateStatus().getStatus().conditions())
                .containsExactly(ready);
    }

    @Test
    void updatesAreFoundByTheirStack() {
        // given
        for (String stack : List.of("selected", "selected", "other")) {
            client.resource(update(stack + "-" + System.nanoTime(), stack))
                    .inNamespace(namespace)
                    .create();
        }

        // when
        List<Update> found = client.resources(Update.class)
                .inNamespace(namespace)
                .withField("spec.stack", "selected")
                .list()
                .getItems();

        // then
        assertThat(found)
                .hasSize(2)
                .allSatisfy(u -> assertThat(u.getSpec().stack()).isEqualTo("selected"));
    }

    @Test
    void configKeepsJsonTypesAndNulls() {
        // given
        Stack stack = stack("json");
        JsonNode value =
                JsonNodeFactory.instance.objectNode().putNull("nothing").put("exact", 9007199254740993L);
        StackSpec spec = stack.getSpec();
        stack.setSpec(withConfig(spec, Map.of("data", value, "nothing", NullNode.instance)));

        // when
        Stack created = client.resource(stack).inNamespace(namespace).create();

        // then
        assertThat(created.getSpec().config()).containsEntry("data", value).containsEntry("nothing", NullNode.instance);
    }

    @Test
    void kubectlShowsTheColumnsAsDeclared() throws Exception {
        // given
        client.resource(stack("shown")).inNamespace(namespace).create();

        // when, then
        assertThat(kubectl("get", "stk", "shown", "-o", "wide").lines().findFirst())
                .hasValueSatisfying(header -> assertThat(header.split("\\s+"))
                        .containsExactly(
                                "NAME", "READY", "REASON", "REVISION", "RESOURCES", "AGE", "UPDATE", "MESSAGE"));
        assertThat(kubectl("get", "stackwright", "-o", "name")).contains("stack.stackwright.io/shown");
        assertThat(kubectl("explain", "stack.spec.updates.retry.factor")).contains("Default: 2");
    }

    private static Stream<Path> files(String folder, int atLeast) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources", folder))) {
            List<Path> all = files.sorted().toList();
            assertThat(all).hasSizeGreaterThanOrEqualTo(atLeast);
            return all.stream();
        }
    }

    private static GenericKubernetesResource create(String yaml) {
        return client.resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
                .inNamespace(namespace)
                .fieldValidation(Validation.STRICT)
                .create();
    }

    private static List<String> causes(KubernetesClientException refusal) {
        var details = refusal.getStatus().getDetails();
        return details == null || details.getCauses().isEmpty()
                ? List.of(refusal.getStatus().getMessage())
                : details.getCauses().stream()
                        .map(c -> c.getField() + ": " + c.getMessage())
                        .toList();
    }

    private static Stack stack(String name) {
        Stack stack = new Stack();
        stack.setMetadata(new ObjectMetaBuilder().withName(name).build());
        stack.setSpec(Serialization.unmarshal("project: {inline: {name: hello, runtime: yaml}}", StackSpec.class));
        return stack;
    }

    private static Update update(String name, String stack) {
        Update update = new Update();
        update.setMetadata(new ObjectMetaBuilder().withName(name).build());
        update.setSpec(new UpdateSpec(stack, Operation.Preview, null, null, null, null));
        return update;
    }

    private static StackStatus withConditions(List<Condition> conditions) {
        return Serialization.unmarshal(
                Serialization.asJson(Map.of("observedGeneration", 1, "conditions", conditions)), StackStatus.class);
    }

    private static StackSpec withConfig(StackSpec spec, Map<String, JsonNode> config) {
        return new KubernetesSerialization()
                .convertValue(Map.of("project", spec.project(), "config", config), StackSpec.class);
    }

    private static String kubectl(String... arguments) throws Exception {
        List<String> command = Stream.concat(
                        Stream.of(
                                Toolchain.kubectl().toString(),
                                "--kubeconfig",
                                ControlPlane.shared().kubeconfig().toString(),
                                "--namespace",
                                namespace),
                        Stream.of(arguments))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
