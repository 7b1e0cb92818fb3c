package io.stackwright.helm;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The chart, rendered by Helm itself. */
final class Chart {

    static final Path FOLDER = Toolchain.root().resolve("helm/stackwright");
    static final String RELEASE = "stackwright";
    static final String NAMESPACE = "operators";

    /** The oldest version that the chart allows, so that nothing newer slips in. */
    private static final String KUBERNETES = "1.30.0";

    private static final Path SETS = Toolchain.root().resolve("helm/src/test/resources/values");
    private static final Pattern DOCUMENTS = Pattern.compile("(?m)^---$");

    private Chart() {}

    /** Sets of values that tests go through; {@code production} is the chart's own file with a backend. */
    static Stream<String> sets() {
        return Stream.of("default", "namespaces", "job", "everything", "production");
    }

    /** The files of a set. */
    static List<Path> files(String set) {
        Path file = SETS.resolve(set + ".yaml");
        return set.equals("production") ? List.of(FOLDER.resolve("values-production.yaml"), file) : List.of(file);
    }

    static String render(String set) {
        return render(RELEASE, NAMESPACE, set, command -> command);
    }

    /** Without the CustomResourceDefinitions, which would only be long. */
    static String renderWithoutCrds(String set) {
        return render(RELEASE, NAMESPACE, set, command -> command.set("crds.enabled", false));
    }

    /** @throws IllegalStateException with Helm's message when the values are refused */
    static String render(String release, String namespace, String set, UnaryOperator<TemplateCommand> more) {
        TemplateCommand command = new Helm(FOLDER)
                .template()
                .withName(release)
                .withNamespace(namespace)
                .withKubeVersion(KUBERNETES);
        files(set).forEach(command::withValuesFile);
        return more.apply(command).call().strip() + "\n";
    }

    /** What Helm prints after an install: Helm asks a cluster for its version, and changes nothing there. */
    static String notes(String set, Path kubeconfig, UnaryOperator<InstallCommand> more) {
        InstallCommand command = new Helm(FOLDER)
                .install()
                .withName(RELEASE)
                .withNamespace(NAMESPACE)
                .withKubeConfig(kubeconfig)
                .set("crds.enabled", false)
                .dryRun();
        files(set).forEach(command::withValuesFile);
        String output = more.apply(command).call().getOutput();
        return output.substring(output.lastIndexOf("NOTES:"));
    }

    /** The objects as YAML has them, with the types of its values. */
    static List<Map<?, ?>> plain(String rendered) {
        return DOCUMENTS
                .splitAsStream(rendered)
                .filter(document -> document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#")))
                .<Map<?, ?>>map(document -> Serialization.unmarshal(document, Map.class))
                .toList();
    }

    static List<GenericKubernetesResource> objects(String rendered) {
        List<GenericKubernetesResource> objects = new ArrayList<>();
        for (String document : DOCUMENTS.split(rendered)) {
            if (document.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("#"))) {
                objects.add(Serialization.unmarshal(document, GenericKubernetesResource.class));
            }
        }
        return objects;
    }

    static <T extends HasMetadata> List<T> objects(String rendered, Class<T> type) {
        return objects(rendered).stream()
                .filter(object -> object.getKind().equals(HasMetadata.getKind(type)))
                .map(object -> Serialization.unmarshal(Serialization.asYaml(object), type))
                .toList();
    }

    static StatefulSet operator(String rendered) {
        return objects(rendered, StatefulSet.class).getFirst();
    }

    /** The operator's settings, by the name of the variable. */
    static Map<String, String> environment(String rendered) {
        Map<String, String> environment = new TreeMap<>();
        operator(rendered).getSpec().getTemplate().getSpec().getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getName().startsWith("STACKWRIGHT_"))
                .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
        return environment;
    }
}
