package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SpecSerializationTest {

    private final KubernetesSerialization json = new KubernetesSerialization();

    @Test
    void maximalStackSurvivesARoundTripWithEveryFieldRead() throws Exception {
        // given
        String yaml = Files.readString(Path.of("src/test/resources/valid/stack-maximal-git.yaml"));
        JsonNode written = json.unmarshal(yaml, JsonNode.class);

        // when
        Stack stack = json.unmarshal(yaml, Stack.class);

        // then
        assertThat(json.convertValue(stack, JsonNode.class).get("spec")).isEqualTo(written.get("spec"));
    }

    @Test
    void helpersOfTheTypesAreNotFields() {
        // given
        UpdateSpec spec = new UpdateSpec("shop", Operation.Up, null, null, null, null);
        KeyRef key = new KeyRef("db", "password", null);

        // when, then
        assertThat(json.asJson(spec)).isEqualTo("{\"stack\":\"shop\",\"operation\":\"Up\"}");
        assertThat(json.asJson(key)).isEqualTo("{\"name\":\"db\",\"key\":\"password\"}");
    }

    @Test
    void aSpecOfAnotherShapeIsUnreadableAndNotAnException() {
        // given
        String stack = """
            {"apiVersion": "stackwright.io/v1alpha1", "kind": "Stack", "metadata": {"name": "shop"},
             "spec": {"project": {"inline": {"name": "x"}}, "deletionPolicy": "FromTheFuture"}}\
            """;
        String update = """
            {"apiVersion": "stackwright.io/v1alpha1", "kind": "Update", "metadata": {"name": "shop-1"},
             "spec": ["not", "an", "object"]}\
            """;

        // when, then
        assertThat(json.unmarshal(stack, Stack.class).getSpec()).isEqualTo(StackSpec.unreadable());
        assertThat(json.unmarshal(update, Update.class).getSpec()).isEqualTo(UpdateSpec.unreadable(null));
    }
}
