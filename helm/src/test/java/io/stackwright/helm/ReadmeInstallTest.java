package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.Toolchain;
import java.nio.file.Files;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReadmeInstallTest {

    private static final Pattern STACK = Pattern.compile("(?s)<<'STACK'\\n(.*?)\\nSTACK\\n");

    private final ReadmeInstall readme = ReadmeInstall.read();

    @Test
    void installsTheChartAndNamesAnImage() {
        // then
        assertThat(readme.release()).isEqualTo(Chart.RELEASE);
        assertThat(Toolchain.root().resolve(readme.chart())).isEqualTo(Chart.FOLDER);
        assertThat(readme.createsNamespace()).isTrue();
        assertThat(readme.values())
                .containsExactly(
                        entry("image.repository", "registry.example.com/stackwright"), entry("image.tag", "0.1.0"));
        assertThat(readme.valuesBesidesTheImage()).isEmpty();
    }

    @Test
    void goesOnWithAStackAndItsOutputs() {
        // when
        String script = readme.script("team-a");

        // then
        assertThat(script.lines().filter(line -> line.startsWith("kubectl ")))
                .hasSize(4)
                .allSatisfy(line -> assertThat(line).startsWith("kubectl --namespace team-a "));
        assertThat(script)
                .startsWith("kubectl --namespace team-a rollout status statefulset/stackwright\n")
                .contains("wait --for=condition=Ready stack/hello ")
                .endsWith("get stack hello -o jsonpath='{.status.outputs}'\n")
                .doesNotContain("helm", "```");
        Matcher stack = STACK.matcher(script);
        assertThat(stack.find()).isTrue();
        Stack hello = Serialization.unmarshal(stack.group(1), Stack.class);
        assertThat(hello.getMetadata().getName()).isEqualTo("hello");
        assertThat(hello.getSpec().project().inline().toString()).contains("Hello from ${name}");
    }

    @Test
    void isWhatTheGuideSaysToo() throws Exception {
        // given
        String guide = Files.readString(Toolchain.root().resolve("docs/howto/install.md"));

        // then
        assertThat(guide)
                .contains(
                        "helm install %s %s --namespace %s --create-namespace \\\n    --set image.repository=%s --set image.tag=%s\n"
                                .formatted(
                                        readme.release(),
                                        readme.chart(),
                                        readme.namespace(),
                                        readme.values().get("image.repository"),
                                        readme.values().get("image.tag")))
                .contains("README.md#a-first-stack");
    }

    @Test
    void takesOnlyWhatItKnows() {
        // given
        String readme = """
            ## Install it

            ```sh
            helm install one folder/chart --namespace here --set a.b=c=d \\
                --set e=f
            kubectl --namespace here get pods --namespace hereafter
            ```

            ## Test it
            """;

        // then
        assertThat(ReadmeInstall.of(readme))
                .returns("one", ReadmeInstall::release)
                .returns("folder/chart", ReadmeInstall::chart)
                .returns(false, ReadmeInstall::createsNamespace)
                .returns("kubectl --namespace there get pods --namespace hereafter\n", it -> it.script("there"))
                .extracting(ReadmeInstall::valuesBesidesTheImage)
                .hasToString("{a.b=c=d, e=f}");
        assertThatThrownBy(() -> ReadmeInstall.of(readme.replace("--set e=f", "--values v.yaml")))
                .hasMessageContaining("helm install --values is not known");
        assertThatThrownBy(() -> ReadmeInstall.of(readme.replace("Install it", "Install")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
