package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {

    private static final String PYTHON = "name: p\nruntime: python\n";
    private static final String NODE = "name: n\nruntime: nodejs\n";

    @TempDir
    private Path project;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pulumi==3.272.0",
                "pulumi>=3,<4  # the SDK",
                "# ./nothing\npulumi",
                "--index-url https://index/simple\npulumi",
                "pulumi --hash=sha256:00",
                "mine @ git+https://host/mine.git",
                "pulumi; python_version < '3.15'"
            })
    void requirementsThatStandAlone(String requirements) throws IOException {
        assertThat(python(requirements).areSelfContained()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-r base.txt",
                "--requirement=base.txt",
                "-c limits.txt",
                "-e .",
                "--find-links wheels",
                ".",
                "./mine",
                "../mine",
                "mine/",
                "/opt/mine",
                "mine @ file:///opt/mine",
                "mine-1.0-py3-none-any.whl",
                "mine.tar.gz ; python_version > '3'"
            })
    void requirementsThatPointIntoTheProject(String requirements) throws IOException {
        assertThat(python("pulumi\n" + requirements).areSelfContained()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"dependencies\": {\"mine\": \"file:../mine\"}}",
                "{\"devDependencies\": {\"mine\": \"link:./mine\"}}",
                "{\"dependencies\": {\"mine\": \"./mine\"}}",
                "{\"workspaces\": [\"a\"]}",
                "{\"scripts\": {\"postinstall\": \"tsc\"}}",
                "{"
            })
    void packagesThatPointIntoTheProject(String json) throws IOException {
        assertThat(node(json).areSelfContained()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"dependencies\": {\"@pulumi/pulumi\": \"^3.0.0\"}, \"scripts\": {\"build\": \"tsc\"}}",
                "{\"dependencies\": {\"mine\": \"github:me/mine\"}}"
            })
    void packagesThatStandAlone(String json) throws IOException {
        assertThat(node(json).areSelfContained()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "main: src/",
                "packages: {mine: ./mine}",
                "plugins: {}",
                "runtime: {name: python, options: {virtualenv: ../venv}}",
                "runtime: {name: python, options: {virtualenv: /opt/venv}}",
                "runtime: {name: python, options: {virtualenv: ..}}"
            })
    void projectFilesThatNameOtherPlaces(String line) throws IOException {
        // given
        write("requirements.txt", "pulumi");
        write("Pulumi.yaml", line.startsWith("runtime") ? "name: p\n" + line : PYTHON + line);

        // then
        assertThat(Manifests.of(project).areSelfContained()).isFalse();
    }

    @Test
    void onlyTheRuntimeDecidesOnTheInstallation() throws IOException {
        // given
        write("Pulumi.yaml", PYTHON);
        String plain = Manifests.of(project).installFile();

        // then
        write("Pulumi.yaml", "name: other\ndescription: x\nconfig: {a: {default: 1}}\nruntime: {name: python}\n");
        assertThat(Manifests.of(project).installFile()).isEqualTo(plain).contains("\"virtualenv\":\"venv\"");
        write("Pulumi.yaml", "name: p\nruntime: {name: python, options: {toolchain: uv}}\n");
        assertThat(Manifests.of(project).installFile()).isNotEqualTo(plain).doesNotContain("virtualenv");
    }

    @Test
    void aProgramWithoutManifestsHasNothingToInstall() throws IOException {
        // given
        write("Pulumi.yaml", "name: p\nruntime: yaml\n");
        write("package.json", "{}");

        // then
        assertThat(Manifests.of(project).files()).isEmpty();
    }

    private Manifests python(String requirements) throws IOException {
        write("Pulumi.yaml", PYTHON);
        write("requirements.txt", requirements);
        return Manifests.of(project);
    }

    private Manifests node(String json) throws IOException {
        write("Pulumi.yaml", NODE);
        write("package.json", json);
        return Manifests.of(project);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(project.resolve(name), text);
    }
}
