package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RunningOperator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The API server refuses what has to be written: it is said, not hammered on, and done when it is allowed again. */
@Timeout(240)
class RefusedWritesIT {

    private static final Duration WINDOW = Duration.ofSeconds(5);
    private static final double PER_SECOND = 5;
    private static final Pattern COUNTER =
            Pattern.compile("^apiserver_request_total\\{(?<labels>[^}]*)} (?<count>\\S+)$", Pattern.MULTILINE);
    private static final Pattern KIND = Pattern.compile("resource=\"(stacks|updates|secrets|configmaps|events)\"");

    @TempDir
    private Path data;

    private final List<HasMetadata> policies = new ArrayList<>();
    private RunningOperator operator;
    private Stacks stacks;

    @BeforeEach
    void start() {
        operator = RunningOperator.start(data);
        stacks = new Stacks(operator);
        stacks.create("shop", """
            project:
              inline:
                name: shop
                runtime: yaml
                config: {word: {type: string, default: one}}
                outputs: {word: "${word}"}
            """);
        stacks.awaitReady("shop");
    }

    @AfterEach
    void stop() {
        allow();
        operator.close();
    }

    @Test
    void theStatusOfAStack() {
        // given
        refuse(
                "apiGroups: [stackwright.io], resources: [stacks/status], operations: [UPDATE]",
                () -> operator.client().resource(stacks.get("shop")).dryRun().updateStatus());

        // when
        change("two");

        // then
        assertCalm("status refused");
        patiently()
                .until(() -> !stacks.events(
                                "shop", event -> Reason.ApiRefused.name().equals(event.getReason()))
                        .isEmpty());

        // when
        allow();

        // then
        awaitWord("two");
    }

    @Test
    void theRecordOfARun() {
        // given
        Update probe = new Update();
        probe.getMetadata().setName("probe");
        probe.getMetadata().setNamespace(operator.namespace());
        probe.setSpec(stacks.update("shop-1").getSpec());
        refuse(
                "apiGroups: [stackwright.io], resources: [updates], operations: [CREATE]",
                () -> operator.client().resource(probe).dryRun().create());

        // when
        change("two");

        // then
        assertThat(stacks.awaitInProgress("shop", Reason.ApiRefused).message()).contains("an Update", "not now");
        assertCalm("Update refused");
        assertThat(stacks.updates("shop")).hasSize(1);

        // when
        allow();

        // then
        awaitWord("two");
    }

    @Test
    void theEndOfARun() {
        // given
        refuse(
                "apiGroups: [stackwright.io], resources: [updates/status], operations: [UPDATE]",
                () -> operator.client()
                        .resource(stacks.update("shop-1"))
                        .dryRun()
                        .updateStatus());

        // when
        change("two");

        // then
        assertCalm("Update status refused");

        // when
        allow();

        // then
        awaitWord("two");
    }

    @Test
    void theSecretOfTheOutputs() {
        // given
        Secret probe = new SecretBuilder()
                .withNewMetadata()
                .withName("probe")
                .withNamespace(operator.namespace())
                .endMetadata()
                .build();
        refuse(
                "apiGroups: [''], resources: [secrets], operations: [CREATE, UPDATE]",
                () -> operator.client().resource(probe).dryRun().create());

        // when
        change("two");

        // then
        stacks.awaitInProgress("shop", Reason.OutputsRefused);
        assertCalm("outputs refused");

        // when
        allow();

        // then
        awaitWord("two");
    }

    private void change(String word) {
        stacks.patch("shop", "{\"spec\": {\"config\": {\"word\": \"" + word + "\"}}}");
    }

    private void awaitWord(String word) {
        patiently()
                .untilAsserted(() -> assertThat(
                                stacks.status("shop").outputs().get("word").asText())
                        .isEqualTo(word));
        stacks.awaitReady("shop");
    }

    /** The requests of everybody but watches, over some seconds; there is one Stack. */
    private void assertCalm(String what) {
        long start = System.nanoTime();
        double before = requests();
        await().pollDelay(WINDOW).atMost(WINDOW.multipliedBy(3)).until(() -> true);
        double seconds = (System.nanoTime() - start) / 1e9;
        double rate = (requests() - before) / seconds;
        System.out.printf("%s: %.2f requests per second%n", what, rate);
        assertThat(rate).isLessThanOrEqualTo(PER_SECOND);
    }

    private double requests() {
        double count = 0;
        Matcher counters = COUNTER.matcher(operator.client().raw("/metrics"));
        while (counters.find()) {
            String labels = counters.group("labels");
            if (KIND.matcher(labels).find() && !labels.contains("verb=\"WATCH\"")) {
                count += Double.parseDouble(counters.group("count"));
            }
        }
        return count;
    }

    private void refuse(String rule, Runnable probe) {
        String name = "not-now-" + operator.namespace();
        add("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %s}
            spec:
              failurePolicy: Fail
              matchConstraints:
                resourceRules: [{%s, apiVersions: ['*']}]
              validations: [{expression: 'false', message: not now}]
            """.formatted(name, rule));
        add("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %1$s}
            spec:
              policyName: %1$s
              validationActions: [Deny]
              matchResources:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
            """.formatted(name, operator.namespace()));
        patiently().until(() -> isRefused(probe));
    }

    private static boolean isRefused(Runnable probe) {
        try {
            probe.run();
            return false;
        } catch (KubernetesClientException e) {
            return String.valueOf(e.getMessage()).contains("not now");
        }
    }

    private void add(String yaml) {
        HasMetadata policy = (HasMetadata) Serialization.unmarshal(yaml);
        policies.add(operator.client().resource(policy).create());
    }

    private void allow() {
        policies.reversed().forEach(policy -> operator.client().resource(policy).delete());
        policies.clear();
    }
}
