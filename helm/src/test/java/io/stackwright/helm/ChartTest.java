package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.operator.settings.Parsed;
import io.stackwright.operator.settings.SettingsParser;
import io.stackwright.testkit.Toolchain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChartTest {

    private static final Path GOLDEN = Toolchain.root().resolve("helm/src/test/resources/golden");
    private static final String REMEDY =
            "The chart gives something else than what is committed. If the change is meant, write it anew and commit"
                    + " it:\n"
                    + "  mvn -q -pl helm -am test -Dchart=write -Dtest='ChartTest,ValuesReferenceTest'"
                    + " -Dsurefire.failIfNoSpecifiedTests=false\n";

    @TempDir
    private Path folder;

    static Stream<String> sets() {
        return Chart.sets();
    }

    @Test
    void lintsStrictly() {
        // when
        LintResult result = new Helm(Chart.FOLDER).lint().strict().call();

        // then
        assertThat(result.isFailed()).as("%s", result.getMessages()).isFalse();
    }

    @Test
    void hasTheVersionOfTheProject() throws Exception {
        // when
        Map<?, ?> chart = Serialization.unmarshal(Files.readString(Chart.FOLDER.resolve("Chart.yaml")), Map.class);

        // then
        String version = System.getProperty("project.version");
        assertThat(version).isNotBlank();
        assertThat(chart.get("version")).isEqualTo(version);
        assertThat(chart.get("appVersion")).isEqualTo(version);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void rendersWhatIsCommitted(String set) throws Exception {
        // given
        Path golden = GOLDEN.resolve(set + ".yaml");

        // when
        String rendered = Chart.renderWithoutCrds(set);
        if ("write".equals(System.getProperty("chart"))) {
            Files.writeString(golden, rendered);
        }

        // then
        assertThat(golden).as(REMEDY).exists();
        assertThat(rendered).as(REMEDY).isEqualTo(Files.readString(golden));
    }

    /** YAML takes digits, and words such as {@code on}, for something else than names. */
    @Test
    void namesThatLookLikeNumbersStayNames() throws IOException {
        // given
        Path values = Files.writeString(folder.resolve("values.yaml"), """
            crds: {enabled: false}
            fullnameOverride: "789"
            priorityClassName: "1"
            serviceAccount: {name: "2"}
            """);

        // when
        List<Map<?, ?>> objects =
                Chart.plain(Chart.render("123", "456", "everything", command -> command.withValuesFile(values)));

        // then
        assertThat(objects).hasSizeGreaterThan(10);
        objects.forEach(object -> assertTextual("", object));
    }

    private static void assertTextual(String path, Object node) {
        if (node instanceof Map<?, ?> fields) {
            fields.forEach((key, value) -> {
                String at = path + "." + key;
                if (Set.of("name", "namespace", "serviceAccountName", "priorityClassName", "claimName", "serviceName")
                                .contains(key)
                        || path.endsWith("abels")) {
                    assertThat(value).as(at).isInstanceOfAny(String.class, Map.class);
                }
                assertTextual(at, value);
            });
        } else if (node instanceof List<?> items) {
            items.forEach(item -> assertTextual(path + "[]", item));
        }
    }

    /** Its memory is for processes of Pulumi where it runs them itself. */
    @Test
    void anOperatorThatMakesJobsKeepsJavaSmallUnlessToldOtherwise() {
        // when
        String told = Chart.render(
                Chart.RELEASE,
                Chart.NAMESPACE,
                "production",
                command -> command.set("extraEnv[0].name", "JDK_JAVA_OPTIONS").set("extraEnv[0].value", "-Xmx300m"));

        // then
        assertThat(javaOptions(Chart.render("production")))
                .containsExactly("-XX:TieredStopAtLevel=1 -XX:MaxRAMPercentage=20 -XX:MinRAMPercentage=20");
        assertThat(javaOptions(Chart.render("default"))).isEmpty();
        assertThat(javaOptions(told)).containsExactly("-Xmx300m");
    }

    /** Java has a floor of its own for heaps of small machines, which the percentage alone does not get below. */
    @Test
    void aFifthOfItsLimitIsItsHeap() throws IOException {
        // given
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(
                List.of(javaOptions(Chart.render("production")).getFirst().split(" ")));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:MaxRAM=512m", "-XX:+PrintFlagsFinal", "-version"));

        // when
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String flags = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        // then
        Matcher heap = Pattern.compile("MaxHeapSize += (\\d+)").matcher(flags);
        assertThat(heap.find()).as(flags).isTrue();
        assertThat(Long.parseLong(heap.group(1))).isBetween(100L << 20, 106L << 20);
    }

    private static List<String> javaOptions(String rendered) {
        return Chart.operator(rendered).getSpec().getTemplate().getSpec().getContainers().stream()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getName().equals("JDK_JAVA_OPTIONS"))
                .map(EnvVar::getValue)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void labelsAreHelms(String set) {
        assertThat(Chart.objects(Chart.render(set)))
                .isNotEmpty()
                .allSatisfy(object -> assertThat(object.getMetadata().getLabels())
                        .as("%s %s", object.getKind(), object.getMetadata().getName())
                        .containsEntry("app.kubernetes.io/managed-by", "Helm")
                        .containsEntry("app.kubernetes.io/instance", Chart.RELEASE)
                        .containsKeys("app.kubernetes.io/name", "app.kubernetes.io/version", "helm.sh/chart"));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void namesFitForLongReleases(String set) {
        // given
        String release = "a-release-whose-name-is-as-long-as-helm-allows-it-toobe";
        String namespace = "a-namespace-whose-name-is-as-long-as-kubernetes-allows-it-to-be";

        // when
        var objects = Chart.objects(Chart.render(release.substring(0, 53), namespace, set, command -> command));

        // then
        assertThat(namespace).hasSize(63);
        assertThat(objects).allSatisfy(object -> {
            int most = object.getKind().equals("StatefulSet")
                    ? 52
                    : object.getKind().contains("Role") ? 253 : 63;
            assertThat(object.getMetadata().getName())
                    .hasSizeLessThanOrEqualTo(most)
                    .doesNotEndWith("-");
            assertThat(object.getMetadata().getLabels().values())
                    .allSatisfy(value -> assertThat(value)
                            .hasSizeLessThanOrEqualTo(63)
                            .matches("[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?"));
        });
    }

    @Test
    void twoReleasesShareNothing() {
        // given
        List<String> names = new ArrayList<>();

        // when
        for (String namespace : List.of("one", "two")) {
            Chart.objects(Chart.render(
                            Chart.RELEASE, namespace, "namespaces", command -> command.set("crds.enabled", false)))
                    .forEach(object -> names.add(object.getKind() + " "
                            + object.getMetadata().getNamespace() + "/"
                            + object.getMetadata().getName()));
        }

        // then
        assertThat(names).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void whatSelectsThePodsFindsThem(String set) {
        // given
        String rendered = Chart.render(set);
        StatefulSet operator = Chart.operator(rendered);
        Map<String, String> pod = operator.getSpec().getTemplate().getMetadata().getLabels();

        // when
        List<Map<String, String>> selectors = new ArrayList<>();
        selectors.add(operator.getSpec().getSelector().getMatchLabels());
        Chart.objects(rendered, Service.class)
                .forEach(service -> selectors.add(service.getSpec().getSelector()));
        Chart.objects(rendered, PodDisruptionBudget.class)
                .forEach(budget -> selectors.add(budget.getSpec().getSelector().getMatchLabels()));
        Chart.objects(rendered, NetworkPolicy.class)
                .forEach(policy ->
                        selectors.add(policy.getSpec().getPodSelector().getMatchLabels()));
        operator.getSpec()
                .getTemplate()
                .getSpec()
                .getTopologySpreadConstraints()
                .forEach(spread -> selectors.add(spread.getLabelSelector().getMatchLabels()));

        // then
        assertThat(selectors)
                .hasSizeGreaterThanOrEqualTo(3)
                .allSatisfy(selector -> assertThat(pod).containsAllEntriesOf(selector));
    }

    /** Rules about all releases would be silent about one that is down while another one runs. */
    @Test
    void alertsAreAboutTheirRelease() {
        // when
        String rendered = Chart.render(
                "blue",
                "team",
                "default",
                command -> command.set("metrics.prometheusRule.enabled", true)
                        .set("metrics.prometheusRule.runbookBaseUrl", "https://git.example.com/main/docs/runbooks/"));

        // then Prometheus' operator takes the Service's name as job
        String release = "{namespace=\"team\", job=\"%s\""
                .formatted(Chart.objects(rendered, Service.class)
                        .getFirst()
                        .getMetadata()
                        .getName());
        assertThat(rules(rendered)).hasSizeGreaterThan(8).allSatisfy(alert -> {
            String asked = alert.path("expr").asText();
            assertThat(asked).contains(release).doesNotContain("\"stackwright\"");
            assertThat(asked.split("\\bstackwright_\\w+", -1)).hasSameSizeAs(asked.split(Pattern.quote(release), -1));
            assertThat(alert.at("/annotations/runbook_url").asText())
                    .isEqualTo("https://git.example.com/main/docs/runbooks/"
                            + alert.path("alert").asText() + ".md");
        });
    }

    private static List<JsonNode> rules(String rendered) {
        List<JsonNode> rules = new ArrayList<>();
        Chart.objects(rendered).stream()
                .filter(object -> object.getKind().equals("PrometheusRule"))
                .map(object -> Serialization.unmarshal(Serialization.asYaml(object), JsonNode.class))
                .forEach(object -> object.at("/spec/groups")
                        .forEach(group -> group.path("rules").forEach(rules::add)));
        return rules;
    }

    @ParameterizedTest
    @MethodSource("sets")
    void operatorUnderstandsItsSettings(String set) {
        // given
        String[] flags = Chart.environment(Chart.render(set)).entrySet().stream()
                .map(variable -> flag(variable.getKey()) + "=" + variable.getValue())
                .toArray(String[]::new);

        // when
        Parsed parsed = SettingsParser.ofThisProcess().parse(flags);

        // then
        assertThat(parsed).isInstanceOf(Parsed.Start.class);
    }

    @Test
    void everySettingCanBeReached() {
        // given
        Parsed.Answer help = (Parsed.Answer) SettingsParser.ofThisProcess().parse("--help");
        Set<String> flags = new TreeSet<>();
        Pattern.compile("(?m)^\\s*(--[a-z-]+)")
                .matcher(help.text())
                .results()
                .forEach(result -> flags.add(result.group(1)));
        flags.removeAll(List.of("--help", "--version"));

        // when
        Set<String> set = new TreeSet<>();
        Stream.of("everything", "production")
                .map(Chart::render)
                .flatMap(rendered -> Chart.environment(rendered).keySet().stream())
                .forEach(variable -> set.add(flag(variable)));

        // then
        assertThat(flags).hasSizeGreaterThan(15);
        assertThat(set).isEqualTo(flags);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void podOutlivesTheGraceOfItsRuns(String set) {
        // given
        String rendered = Chart.render(set);

        // when
        PodSpec pod = Chart.operator(rendered).getSpec().getTemplate().getSpec();
        String grace = Chart.environment(rendered).get("STACKWRIGHT_SHUTDOWN_GRACE");

        // then
        assertThat(pod.getTerminationGracePeriodSeconds())
                .isGreaterThanOrEqualTo(Long.parseLong(grace.replace("s", "")) + 30);
    }

    @Test
    void takesTheValuesOfTheExampleForArgoCd() throws Exception {
        // given
        Path example = Toolchain.root().resolve("examples/gitops/argocd/operator.yaml");
        JsonNode helm = Serialization.unmarshal(Files.readString(example), JsonNode.class)
                .at("/spec/source/helm");
        Path values = Files.writeString(
                folder.resolve("values.yaml"), helm.path("valuesObject").toString());

        // when
        String rendered =
                Chart.render(Chart.RELEASE, Chart.NAMESPACE, "default", command -> command.withValuesFile(values));

        // then
        Container operator = Chart.operator(rendered)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        assertThat(operator.getImage()).isEqualTo("registry.example.com/stackwright:0.1.0");
        assertThat(operator.getEnv())
                .filteredOn(variable -> variable.getName().equals("STACKWRIGHT_WATCH_NAMESPACES"))
                .singleElement()
                .satisfies(variable -> assertThat(variable.getValue().split(","))
                        .contains(
                                example("argocd/stacks.yaml", "/spec/destination/namespace"),
                                example("flux/stacks.yaml", "/spec/targetNamespace")));
    }

    private static String example(String file, String pointer) throws IOException {
        Path path = Toolchain.root().resolve("examples/gitops").resolve(file);
        return Serialization.unmarshal(Files.readString(path), JsonNode.class)
                .at(pointer)
                .asText();
    }

    @Test
    void bringsTheDefinitionsOfTheApiAndKeepsThem() throws Exception {
        // given
        var definitions = Chart.objects(Chart.render("default"), CustomResourceDefinition.class);

        // then
        assertThat(definitions).hasSize(2);
        for (CustomResourceDefinition definition : definitions) {
            Path source = Toolchain.root()
                    .resolve("crds/manifests/" + definition.getMetadata().getName() + ".yaml");
            var api = Serialization.unmarshal(Files.readString(source), CustomResourceDefinition.class);
            assertThat(definition.getMetadata().getAnnotations()).containsEntry("helm.sh/resource-policy", "keep");
            assertThat(Serialization.asYaml(definition.getSpec())).isEqualTo(Serialization.asYaml(api.getSpec()));
        }
        assertThat(Chart.renderWithoutCrds("default")).doesNotContain("CustomResourceDefinition");
    }

    @Test
    void definitionsAndTheVolumeGoWhenTheyAreNotKept() {
        assertThat(Chart.render("default")).contains("helm.sh/resource-policy: keep");
        assertThat(Chart.render("everything")).doesNotContain("resource-policy");
    }

    @Test
    void secretsOfAllNamespacesAreReadInClusterModeOnly() {
        for (String set : List.of("default", "namespaces", "job")) {
            assertThat(Chart.objects(Chart.renderWithoutCrds(set)))
                    .as(set)
                    .noneMatch(object -> object.getKind().equals("ClusterRoleBinding"))
                    .filteredOn(object -> object.getKind().equals("ClusterRole"))
                    .allSatisfy(role -> assertThat(Serialization.asYaml(role)).doesNotContain("secrets"));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void noRightIsAWildcard(String set) {
        assertThat(Chart.objects(Chart.renderWithoutCrds(set)))
                .filteredOn(object -> object.getKind().endsWith("Role"))
                .isNotEmpty()
                .allSatisfy(role -> assertThat(Serialization.asYaml(role)).doesNotContain("*"));
    }

    private static String flag(String variable) {
        return "--"
                + variable.substring("STACKWRIGHT_".length())
                        .toLowerCase(Locale.ROOT)
                        .replace('_', '-');
    }
}
