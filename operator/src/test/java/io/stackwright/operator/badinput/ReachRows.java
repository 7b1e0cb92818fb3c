package io.stackwright.operator.badinput;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.stackwright.api.v1alpha1.Phase;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.RecordedPulumi;
import io.stackwright.operator.badinput.Row.Expectation;
import io.stackwright.testkit.ControlPlane;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a program can reach beside itself, tried by one: rows 38 and 39, and what it keeps of a Secret that goes while it
 * runs, which is row 43. Beside the operator it is kept from nothing that the operator's user may do, which is
 * documented; what a Job keeps it from, {@code RunTokenIT} and {@code JobModeClusterIT} try.
 */
final class ReachRows {

    private ReachRows() {}

    static List<Row> rows() {
        return List.of(
                new Row(
                        38,
                        "a program that reads the operator's files: not kept from it beside the operator, as"
                                + " documented",
                        ReachRows::operatorsFiles),
                new Row(39, "a program that calls the API: it finds no credentials to do so", ReachRows::api),
                new Row(43, "a Secret that is deleted during the run that uses it", ReachRows::deletedDuringRun));
    }

    private static void python(World world, String name, String program, String more) {
        world.configMap(
                name,
                Map.of(
                        "Pulumi.yaml",
                        "name: " + name + "\nruntime: python\n",
                        "__main__.py",
                        "import os, pulumi\n" + program));
        world.apply(name, "project: {configMap: {name: " + name + "}, install: Never}\n" + more);
    }

    private static Expectation operatorsFiles(World world) {
        Path data = world.operator().data();
        python(world, "r38-files", """
            def reads(path):
                try:
                    with open(path, "rb") as file:
                        return "read" if file.read(1) else "empty"
                except OSError as e:
                    return type(e).__name__
            pulumi.export("environment", reads("/proc/%d/environ"))
            pulumi.export("runs", str(len(os.listdir("%s"))))
            """.formatted(ProcessHandle.current().pid(), data.resolve("work")), "");
        Expectation documented = documented(
                "a program can read what",
                "the operator's user can read, including the operator's Kubernetes credentials and the files of other"
                        + " runs",
                "With `--execution Job` each namespace is a trust domain of its own");
        return () -> {
            documented.check();
            world.scenario().awaitReady("r38-files");
            assertThat(world.scenario().output("r38-files", "environment").asText())
                    .isEqualTo("read");
            assertThat(world.scenario().output("r38-files", "runs").asInt()).isPositive();
        };
    }

    private static Expectation api(World world) {
        python(
                world,
                "r39-api",
                """
                import ssl, urllib.error, urllib.request
                files = ["/var/run/secrets/kubernetes.io/serviceaccount/token", os.path.expanduser("~/.kube/config")]
                found = [file for file in files if os.path.exists(file)]
                found += [name for name in os.environ if name.startswith("KUBE") or "TOKEN" in name]
                request = urllib.request.Request("%s/api/v1/namespaces/%s/secrets")
                if os.path.exists(files[0]):
                    request.add_header("Authorization", "Bearer " + open(files[0]).read())
                try:
                    code = urllib.request.urlopen(request, context=ssl._create_unverified_context()).status
                except urllib.error.HTTPError as e:
                    code = e.code
                pulumi.export("found", found)
                pulumi.export("code", code)
                """.formatted(ControlPlane.shared().config().getMasterUrl().replaceFirst("/$", ""), world.namespace()),
                "");
        Expectation documented = documented("one trust domain");
        return () -> {
            documented.check();
            world.scenario().awaitReady("r39-api");
            assertThat(world.scenario().output("r39-api", "found")).isEmpty();
            assertThat(world.scenario().output("r39-api", "code").asInt()).isIn(401, 403);
            assertThat(world.pulumi().calls())
                    .filteredOn(call -> call.arguments().contains("organization/r39-api/r39-api"))
                    .isNotEmpty()
                    .extracting(RecordedPulumi.Call::environment)
                    .allSatisfy(environment -> assertThat(environment)
                            .doesNotContainKeys(BadInputsIT.OPERATORS.keySet().toArray(String[]::new)));
        };
    }

    /** What is documented, line breaks aside. */
    private static Expectation documented(String... words) {
        Path security = io.stackwright.testkit.Toolchain.root().resolve("docs/security.md");
        return () ->
                assertThat(Files.readString(security).replaceAll("\\s+", " ")).contains(words);
    }

    /** The run has what it was given; the Stack then waits, and nothing is run again when the Secret is back. */
    private static Expectation deletedDuringRun(World world) {
        Path begun = world.folder().resolve("r43-begun");
        Path goOn = world.folder().resolve("r43-go-on");
        Map<String, byte[]> value = Map.of("v", SpecRows.CANARY.getBytes(StandardCharsets.UTF_8));
        world.secret("r43-during", value);
        python(
                world,
                "r43-during",
                """
                import time
                open("%s", "w").close()
                while not os.path.exists("%s"):
                    time.sleep(0.1)
                pulumi.export("length", pulumi.Output.unsecret(pulumi.Config().require_secret("s").apply(len)))
                """.formatted(begun, goOn),
                "configFrom:\n- {key: s, secretKeyRef: {name: r43-during, key: v}}\n");
        return () -> {
            await().atMost(World.PATIENCE).until(() -> Files.exists(begun));
            world.client()
                    .secrets()
                    .inNamespace(world.namespace())
                    .withName("r43-during")
                    .delete();
            Files.createFile(goOn);
            await().atMost(World.PATIENCE)
                    .untilAsserted(() -> assertThat(world.scenario()
                                    .updates("r43-during")
                                    .getFirst()
                                    .getStatus()
                                    .phase())
                            .isEqualTo(Phase.Succeeded));
            world.waits("r43-during", Reason.InputsNotReady, "Secret `r43-during`")
                    .check();
            world.secret("r43-during", value);
            world.scenario().awaitReady("r43-during");
            assertThat(world.scenario().output("r43-during", "length").asInt()).isEqualTo(SpecRows.CANARY.length());
            assertThat(world.scenario().updates("r43-during")).hasSize(1);
        };
    }
}
