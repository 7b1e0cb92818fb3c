package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;

/** Stacks of one namespace, handled as a person with kubectl does. */
public final class Stacks {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KubernetesClient client;
    private final String namespace;
    private final UnaryOperator<Stack> fitted;

    /** @see RunningOperator#fitted */
    public Stacks(RunningOperator operator) {
        this(operator.client(), operator.namespace(), operator::fitted);
    }

    public Stacks(KubernetesClient client, String namespace) {
        this(client, namespace, UnaryOperator.identity());
    }

    private Stacks(KubernetesClient client, String namespace, UnaryOperator<Stack> fitted) {
        this.client = client;
        this.namespace = namespace;
        this.fitted = fitted;
    }

    /** Looks as often as Awaitility does by default: many that wait for pods together change that. */
    public static ConditionFactory patiently() {
        return await().atMost(PATIENCE);
    }

    /** For things that must not happen: long enough for the operator to do them. */
    public static ConditionFactory throughout() {
        return await().during(Duration.ofSeconds(2))
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(200));
    }

    /** Creates what the YAML describes; a Stack with this name and a spec in flow or block style. */
    public Stack create(String name, String spec) {
        Stack stack = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Stack\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.indent(2),
                Stack.class);
        stack.getMetadata().setNamespace(namespace);
        return client.resource(fitted.apply(stack)).create();
    }

    /** Creates a person's Update. */
    public void createUpdate(String name, String spec) {
        GenericKubernetesResource update = Serialization.unmarshal(
                "apiVersion: stackwright.io/v1alpha1\nkind: Update\nmetadata: {name: " + name + "}\nspec: " + spec,
                GenericKubernetesResource.class);
        update.getMetadata().setNamespace(namespace);
        client.resource(update).create();
    }

    public Stack get(String name) {
        return client.resources(Stack.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    public StackStatus status(String name) {
        return get(name).getStatus();
    }

    public void patch(String name, String mergePatch) {
        client.resources(Stack.class)
                .inNamespace(namespace)
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), mergePatch);
    }

    public void annotate(String name, String annotation, String value) {
        patch(name, "{\"metadata\": {\"annotations\": {\"" + annotation + "\": \"" + value + "\"}}}");
    }

    /** Asks for an Update to be stopped. */
    public void cancel(String update) {
        client.resources(Update.class)
                .inNamespace(namespace)
                .withName(update)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"" + Requests.CANCEL + "\": \"true\"}}}");
    }

    public void delete(String name) {
        client.resources(Stack.class).inNamespace(namespace).withName(name).delete();
    }

    public void awaitGone(String name) {
        patiently().untilAsserted(() -> assertThat(get(name)).isNull());
    }

    /** Until the Stack says of its present spec that it is applied. */
    public Stack awaitReady(String name) {
        return awaitThat(name, Condition.READY, Condition.TRUE, Reason.Applied);
    }

    /** Until the Stack waits for a person, and says so in all the words of kstatus. */
    public Condition awaitStalled(String name, Reason reason) {
        Stack stack = awaitThat(name, Condition.STALLED, Condition.TRUE, reason);
        assertThat(stack.getStatus().condition(Condition.RECONCILING)).isEmpty();
        assertThat(stack.getStatus().condition(Condition.READY).orElseThrow().status())
                .isEqualTo(Condition.FALSE);
        assertThat(Kstatus.of(stack)).isEqualTo(Kstatus.FAILED);
        return stack.getStatus().condition(Condition.STALLED).orElseThrow();
    }

    /** Until the Stack is not Ready for this reason and goes on by itself. */
    public Condition awaitInProgress(String name, Reason reason) {
        Stack stack = awaitThat(name, Condition.READY, Condition.FALSE, reason);
        assertThat(stack.getStatus().condition(Condition.STALLED)).isEmpty();
        assertThat(stack.getStatus().condition(Condition.RECONCILING)).isPresent();
        assertThat(Kstatus.of(stack)).isEqualTo(Kstatus.IN_PROGRESS);
        return stack.getStatus().condition(Condition.READY).orElseThrow();
    }

    private Stack awaitThat(String name, String type, String status, Reason reason) {
        return patiently()
                .until(() -> get(name), describedAs(name + " " + type + "=" + status + " " + reason, stack -> {
                    assertThat(stack.getStatus().observedGeneration())
                            .isEqualTo(stack.getMetadata().getGeneration());
                    assertThat(stack.getStatus().condition(type)).hasValueSatisfying(condition -> {
                        assertThat(condition.status())
                                .as(String.valueOf(stack.getStatus().conditions()))
                                .isEqualTo(status);
                        assertThat(condition.reason()).as(condition.message()).isEqualTo(reason.name());
                    });
                }));
    }

    /** A matcher whose failure tells what was not so. */
    private static <T extends CustomResource<?, ?>> org.hamcrest.Matcher<T> describedAs(
            String wanted, java.util.function.Consumer<T> assertions) {
        return new org.hamcrest.TypeSafeMatcher<>() {
            private AssertionError last;

            @Override
            protected boolean matchesSafely(T now) {
                try {
                    assertions.accept(now);
                    return true;
                } catch (AssertionError e) {
                    last = e;
                    return false;
                }
            }

            @Override
            public void describeTo(org.hamcrest.Description description) {
                description.appendText(wanted);
            }

            @Override
            protected void describeMismatchSafely(T now, org.hamcrest.Description mismatch) {
                mismatch.appendText(String.valueOf(last)).appendText("\nstatus: " + now.getStatus());
            }
        };
    }

    /** The Stack's Updates, oldest first. */
    public List<Update> updates(String stack) {
        return client.resources(Update.class).inNamespace(namespace).list().getItems().stream()
                .filter(update -> update.getSpec().stack().equals(stack))
                .sorted(Comparator.<Update, String>comparing(
                                update -> update.getMetadata().getCreationTimestamp())
                        .thenComparing(update -> update.getMetadata().getName().length())
                        .thenComparing(update -> update.getMetadata().getName()))
                .toList();
    }

    public Update update(String name) {
        return client.resources(Update.class)
                .inNamespace(namespace)
                .withName(name)
                .get();
    }

    public Update awaitPhase(String update, Phase phase) {
        return patiently().until(() -> update(update), describedAs(update + " " + phase, now -> {
            assertThat(now.getStatus()).isNotNull();
            assertThat(now.getStatus().phase()).as("%s", now.getStatus()).isEqualTo(phase);
        }));
    }

    public void putSecret(String name, Map<String, String> data) {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withStringData(data)
                        .build())
                .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
    }

    public void deleteSecret(String name) {
        client.secrets().inNamespace(namespace).withName(name).delete();
    }

    public void putConfigMap(String name, Map<String, String> data) {
        client.resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withData(data)
                        .build())
                .createOr(io.fabric8.kubernetes.client.dsl.NonDeletingOperation::update);
    }

    /** The Secret's data, decoded; null when there is none. */
    public Map<String, String> secret(String name) {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            return null;
        }
        Map<String, String> data = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((key, value) ->
                            data.put(key, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8)));
        }
        return data;
    }

    /** Events about an object of that name. */
    public List<Event> events(String regarding, Predicate<Event> which) {
        return client.events().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> regarding.equals(event.getRegarding().getName()))
                .filter(which)
                .toList();
    }

    public String namespace() {
        return namespace;
    }

    public KubernetesClient client() {
        return client;
    }

    /** What kstatus, and with it Helm, Flux and Argo CD, reads from an object. */
    public enum Kstatus {
        TERMINATING,
        FAILED,
        IN_PROGRESS,
        CURRENT;

        static Kstatus of(Stack stack) {
            StackStatus status = stack.getStatus();
            return of(
                    stack,
                    status == null ? null : status.observedGeneration(),
                    status == null ? null : status.conditions());
        }

        static Kstatus of(Update update) {
            var status = update.getStatus();
            return of(
                    update,
                    status == null ? null : status.observedGeneration(),
                    status == null ? null : status.conditions());
        }

        private static Kstatus of(HasMetadata object, Long observed, List<Condition> conditions) {
            if (object.getMetadata().getDeletionTimestamp() != null) {
                return TERMINATING;
            }
            if (observed != null && !observed.equals(object.getMetadata().getGeneration())) {
                return IN_PROGRESS;
            }
            List<Condition> all = conditions == null ? List.of() : conditions;
            if (all.stream().anyMatch(condition -> condition.isTrue(Condition.STALLED))) {
                return FAILED;
            }
            boolean unready = all.stream()
                    .anyMatch(condition -> condition.type().equals(Condition.READY)
                            && !condition.status().equals(Condition.TRUE));
            boolean reconciling = all.stream().anyMatch(condition -> condition.isTrue(Condition.RECONCILING));
            return unready || reconciling ? IN_PROGRESS : CURRENT;
        }
    }
}
