package io.stackwright.operator.stack;

import static io.stackwright.operator.stack.Stacks.patiently;
import static io.stackwright.operator.stack.Stacks.throughout;
import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Cause;
import io.stackwright.api.v1alpha1.Condition;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Update;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.RunningOperator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configuration and environment, from the Stack and from the objects that it refers to, to the program. */
@Tag("both-modes-long")
class StackInputsIT {

    private static final String SHOWS_TOKEN = """
        project:
          inline:
            name: inputs
            runtime: yaml
            config: {token: {type: string}}
            outputs: {token: "${token}"}
        configFrom: [{key: token, secretKeyRef: {name: %s, key: token}}]
        """;

    @TempDir
    private static Path folder;

    private static RecordedPulumi pulumi;
    private static RunningOperator operator;
    private static Stacks stacks;

    @BeforeAll
    static void startOperator() {
        pulumi = RecordedPulumi.in(folder);
        operator = RunningOperator.start(folder.resolve("data"), RunningOperator.pulumi(pulumi.command()));
        stacks = new Stacks(operator);
    }

    @AfterAll
    static void stopOperator() {
        operator.close();
    }

    @Test
    void configurationOfEveryTypeReachesTheProgram() {
        // when
        stacks.create("types", """
            project:
              inline:
                name: inputs
                runtime: yaml
                config:
                  text: {type: string}
                  count: {type: integer}
                  active: {type: boolean}
                  nums: {type: array, items: {type: integer}}
                  data: {type: object}
                  dotted: {type: string}
                outputs:
                  text: ${text}
                  count: ${count}
                  active: ${active}
                  nums: ${nums}
                  data: ${data}
                  dotted: ${dotted}
            config:
              text: "12 ünï 🔑\\nsecond line"
              count: 42
              active: true
              nums: [1, 2, 3]
              data: {active: true, nums: [1, 2], deep: {empty: {}, list: []}, "a.b[0]": quoted}
              dotted: "a.b"
            """);

        // then
        Map<String, ?> outputs = stacks.awaitReady("types").getStatus().outputs();
        assertThat(outputs.get("text")).hasToString("\"12 ünï 🔑\\nsecond line\"");
        assertThat(outputs.get("count")).hasToString("42");
        assertThat(outputs.get("active")).hasToString("true");
        assertThat(outputs.get("nums")).hasToString("[1,2,3]");
        assertThat(outputs.get("data"))
                .hasToString(
                        "{\"a.b[0]\":\"quoted\",\"active\":true,\"deep\":{\"empty\":{},\"list\":[]},\"nums\":[1,2]}");
        assertThat(outputs.get("dotted")).hasToString("\"a.b\"");
    }

    @Tag("both-modes")
    @Test
    void valuesFromElsewhereGoWhereTheirPathSays() {
        // given
        stacks.putSecret("paths", Map.of("password", "s3cret", "token", "t0ken"));
        stacks.putConfigMap("paths", Map.of("tier", "gold"));

        // when
        stacks.create("paths", """
            project:
              inline:
                name: inputs
                runtime: yaml
                config: {endpoints: {type: object}, tier: {type: string}, extra: {type: string, default: none}}
                outputs: {endpoints: "${endpoints}", tier: "${tier}", extra: "${extra}"}
            config: {endpoints: {list: [{url: "https://a"}]}}
            configFrom:
              - {key: "endpoints.list[0].token", secretKeyRef: {name: paths, key: token}}
              - {key: "endpoints.password", secretKeyRef: {name: paths, key: password}}
              - {key: tier, configMapKeyRef: {name: paths, key: tier}}
              - {key: extra, secretKeyRef: {name: paths, key: nothing, optional: true}}
              - {key: extra2, configMapKeyRef: {name: nowhere, key: nothing, optional: true}}
            """);

        // then
        var status = stacks.awaitReady("paths").getStatus();
        assertThat(status.outputs().get("tier")).hasToString("\"gold\"");
        assertThat(status.outputs().get("extra")).hasToString("\"none\"");
        assertThat(status.secretOutputs()).containsExactly("endpoints");
        assertThat(stacks.secret("paths-outputs").get("endpoints"))
                .isEqualTo("{\"list\":[{\"token\":\"t0ken\",\"url\":\"https://a\"}],\"password\":\"s3cret\"}");
    }

    @Tag("both-modes")
    @Test
    void declaredEnvironmentReachesTheCliAndNothingOfTheOperators() {
        // given
        stacks.putSecret("environment", Map.of("USER_NAME", "anna", "not.a.name", "x", "PLAIN", "overridden"));
        stacks.putConfigMap("environment", Map.of("REGION", "eu\nwest", "PLAIN", "first"));

        // when
        stacks.create("environment", """
            project: {inline: {name: inputs, runtime: yaml}}
            env:
              - {name: PLAIN, value: "given"}
              - {name: FROM_KEY, valueFrom: {secretKeyRef: {name: environment, key: USER_NAME}}}
              - {name: NOT_THERE, valueFrom: {configMapKeyRef: {name: environment, key: nothing, optional: true}}}
            envFrom:
              - {configMapRef: {name: environment}}
              - {secretRef: {name: environment}, prefix: DB_}
            """);
        stacks.awaitReady("environment");

        // then
        Map<String, String> environment = pulumi.calls().stream()
                .filter(call -> call.arguments().contains("organization/inputs/environment"))
                .filter(call -> call.command().equals("up"))
                .findFirst()
                .orElseThrow()
                .environment();
        assertThat(environment)
                .containsEntry("PLAIN", "given")
                .containsEntry("FROM_KEY", "anna")
                .containsEntry("REGION", "eu\nwest")
                .containsEntry("DB_USER_NAME", "anna")
                .containsEntry("DB_PLAIN", "overridden")
                .containsEntry("USER", "stackwright")
                .doesNotContainKeys("NOT_THERE", "DB_not.a.name", "LOGNAME", "SHELL", "PWD_OF_OPERATOR");
    }

    @Tag("both-modes")
    @Test
    void anOutputWithASecretVariableInItIsSecret() {
        // given
        stacks.putSecret("variable", Map.of("password", "Kx7$w@rd+9"));

        // when a program exports what Pulumi does not know to be secret
        stacks.create("variable", """
            project:
              inline:
                name: inputs
                runtime: yaml
                outputs: {environment: {"fn::readFile": /proc/self/environ}, plain: {list: [fine]}}
            env: [{name: PASSWORD, valueFrom: {secretKeyRef: {name: variable, key: password}}}]
            """);

        // then
        var status = stacks.awaitReady("variable").getStatus();
        assertThat(status.secretOutputs()).containsExactly("environment");
        assertThat(status.outputs()).containsOnlyKeys("plain");
        assertThat(stacks.secret("variable-outputs").get("environment")).contains("PASSWORD=Kx7$w@rd+9");
    }

    @Test
    void aMissingSecretIsWaitedForAndItsCreationWakesTheStack() {
        // given
        stacks.create("waits", SHOWS_TOKEN.formatted("later"));

        // when
        Condition ready = stacks.awaitInProgress("waits", Reason.InputsNotReady);

        // then
        assertThat(ready.message()).contains("later", "spec.configFrom[0]", "create it");
        assertThat(stacks.status("waits")
                        .condition(Condition.INPUTS_READY)
                        .orElseThrow()
                        .status())
                .isEqualTo(Condition.FALSE);
        assertThat(pulumi.commands("waits")).isEmpty();
        assertThat(stacks.updates("waits")).isEmpty();

        // when
        stacks.putSecret("later", Map.of("token", "come"));

        // then
        assertThat(stacks.awaitReady("waits").getStatus().secretOutputs()).containsExactly("token");
        assertThat(stacks.secret("waits-outputs")).containsEntry("token", "come");
    }

    @Tag("both-modes")
    @Test
    void aRotatedSecretBringsTheStackUpOnce() {
        // given
        stacks.putSecret("rotated", Map.of("token", "one"));
        stacks.create("rotates", SHOWS_TOKEN.formatted("rotated"));
        stacks.awaitReady("rotates");

        // when
        stacks.putSecret("rotated", Map.of("token", "two"));

        // then
        patiently()
                .untilAsserted(
                        () -> assertThat(stacks.secret("rotates-outputs")).containsEntry("token", "two"));
        stacks.awaitReady("rotates");
        throughout().until(() -> stacks.updates("rotates").size() == 2);
        Update second = stacks.updates("rotates").get(1);
        assertThat(second.getSpec().cause()).isEqualTo(Cause.InputsChanged);
        assertThat(stacks.status("rotates").applied().update())
                .isEqualTo(second.getMetadata().getName());
    }

    @Test
    void aDeletedSecretIsReportedAndNothingRuns() {
        // given
        stacks.putSecret("deleted", Map.of("token", "one"));
        stacks.create("loses", SHOWS_TOKEN.formatted("deleted"));
        stacks.awaitReady("loses");
        int before = pulumi.commands("loses").size();

        // when
        stacks.deleteSecret("deleted");

        // then
        stacks.awaitInProgress("loses", Reason.InputsNotReady);
        throughout().until(() -> pulumi.commands("loses").size() == before);
        assertThat(stacks.updates("loses")).hasSize(1);
        assertThat(stacks.status("loses").outputs()).as("what is known stays").isNotNull();

        // when it comes back as it was
        stacks.putSecret("deleted", Map.of("token", "one"));

        // then nothing had changed
        stacks.awaitReady("loses");
        throughout().until(() -> pulumi.commands("loses").size() == before);
    }

    @Test
    void aConfigMapIsWaitedForAndMissedLikeASecret() {
        // given
        stacks.create(
                "mapped", SHOWS_TOKEN.replace("secretKeyRef", "configMapKeyRef").formatted("tokens"));
        assertThat(stacks.awaitInProgress("mapped", Reason.InputsNotReady).message())
                .contains("tokens", "spec.configFrom[0]", "create it");

        // when
        stacks.putConfigMap("tokens", Map.of("token", "come"));

        // then
        assertThat(stacks.awaitReady("mapped").getStatus().outputs().get("token"))
                .hasToString("\"come\"");

        // when
        operator.client()
                .configMaps()
                .inNamespace(operator.namespace())
                .withName("tokens")
                .delete();

        // then
        stacks.awaitInProgress("mapped", Reason.InputsNotReady);
        assertThat(stacks.updates("mapped")).hasSize(1);

        // when
        stacks.putConfigMap("tokens", Map.of("token", "come"));

        // then
        stacks.awaitReady("mapped");
        assertThat(stacks.updates("mapped")).hasSize(1);
    }

    @Test
    void whatNobodyRefersToWakesNobody() {
        // given
        stacks.putSecret("looked-at", Map.of("token", "one", "irrelevant", "a"));
        stacks.create("looks", SHOWS_TOKEN.formatted("looked-at"));
        stacks.awaitReady("looks");
        AtomicReference<Double> reconciles = new AtomicReference<>();
        patiently()
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> reconciles().equals(reconciles.getAndSet(reconciles())));

        // when
        for (int i = 0; i < 5; i++) {
            stacks.putSecret("nobodys", Map.of("token", "value " + i));
            stacks.putConfigMap("nobodys", Map.of("token", "value " + i));
        }

        // then
        throughout().until(() -> reconciles().equals(reconciles.get()));

        // and what somebody refers to is seen in the number
        stacks.putSecret("looked-at", Map.of("token", "one", "irrelevant", "b"));
        patiently().until(() -> reconciles() > reconciles.get());
    }

    /** How often any Stack was looked at. */
    private static Double reconciles() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            URI metrics = URI.create("http://127.0.0.1:" + operator.httpPort() + "/metrics");
            return http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("stackwright_reconciles_total"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    @Test
    void changesThatDoNotMatterRunNothing() {
        // given
        stacks.putSecret("used", Map.of("token", "one", "irrelevant", "a"));
        stacks.putSecret("unused", Map.of("token", "one"));
        stacks.putConfigMap("unused", Map.of("token", "one"));
        stacks.create("unmoved", SHOWS_TOKEN.formatted("used"));
        String version = stacks.awaitReady("unmoved").getMetadata().getResourceVersion();
        List<String> before = pulumi.commands("unmoved");

        // when
        stacks.putSecret("used", Map.of("token", "one", "irrelevant", "b"));
        stacks.putSecret("unused", Map.of("token", "two"));
        stacks.putConfigMap("unused", Map.of("token", "two"));

        // then
        throughout()
                .until(() -> pulumi.commands("unmoved").equals(before)
                        && stacks.updates("unmoved").size() == 1
                        && stacks.get("unmoved")
                                .getMetadata()
                                .getResourceVersion()
                                .equals(version));
    }
}
