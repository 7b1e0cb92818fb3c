package io.stackwright.api.v1alpha1;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No object is unreadable as a whole: one that were would stop the informer, and with it all others. */
class UnreadableObjectsTest {

    private final KubernetesSerialization json = new KubernetesSerialization();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'observedGeneration': 'many', 'lastUpdate': 'shop-3'}",
                "{'observedGeneration': 99999999999999999999999, 'lastUpdate': 'shop-3'}",
                "{'current': {'update': {'no': 'text'}, 'operation': 'Import'}, 'lastUpdate': 'shop-3'}",
                "{'conditions': {'type': 'Ready'}, 'lastUpdate': 'shop-3'}",
                "{'conditions': [null, 'Ready', {'type': 'Ready'}, {'type': 1}], 'lastUpdate': 'shop-3'}",
                "{'conditions': [{'type': 'Ready', 'status': 'True', 'lastTransitionTime': 'yesterday', 'reason': 'A',"
                        + " 'message': ''}], 'lastUpdate': 'shop-3'}",
                "{'failures': {'count': 2, 'reason': 'X', 'nextAttemptAt': 'soon'}, 'lastUpdate': 'shop-3'}",
                "{'failures': {'reason': 'X'}, 'lastUpdate': 'shop-3'}",
                "{'applied': {'revision': 'main'}, 'lastUpdate': 'shop-3'}",
                "{'stack': {'project': 'p'}, 'lastUpdate': 'shop-3'}",
                "{'stack': 'p', 'applied': [], 'failures': 7, 'secretOutputs': 'x', 'lastUpdate': 'shop-3'}",
                "{'handled': ['x'], 'outputs': 'none', 'resources': 1e99, 'lastUpdate': 'shop-3'}",
                "{'fromTheFuture': {'x': 1}, 'lastUpdate': 'shop-3'}"
            })
    void ofAStacksStatusAllElseIsKept(String status) {
        // when
        StackStatus read = json.unmarshal(stack(status), Stack.class).getStatus();

        // then
        assertThat(read.lastUpdate()).isEqualTo("shop-3");
        assertThat(read.failures()).isNull();
        assertThat(read.applied()).isNull();
        assertThat(read.stack()).isNull();
        assertThat(read.conditions() == null || read.conditions().isEmpty()).isTrue();
    }

    @Test
    void whatIsWellSurvivesWhatIsNotBesideIt() {
        // when
        StackStatus read = json.unmarshal(stack("""
            {'observedGeneration': 4, 'resources': 'seven',
             'stack': {'organization': 'o', 'project': 'p', 'name': 'n', 'backend': 'file:///b', 'adopted': 'maybe'},
             'current': {'update': 'shop-4', 'operation': 'Import', 'generation': 4},
             'secretOutputs': ['a', null, 7, 'b'],
             'conditions': [{'type': 'Ready', 'status': 'True', 'lastTransitionTime': '2026-01-01T00:00:00Z',
                             'reason': 'FromTheFuture', 'message': 'm'}, null],
             'outputs': {'list': [1, null]}}
            """), Stack.class).getStatus();

        // then
        assertThat(read.observedGeneration()).isEqualTo(4);
        assertThat(read.stack()).isEqualTo(new StackStatus.StackIdentity("o", "p", "n", "file:///b", null));
        assertThat(read.current().update()).isEqualTo("shop-4");
        assertThat(read.current().operation()).isNull();
        assertThat(read.secretOutputs()).containsExactly("a", "b");
        assertThat(read.conditions()).extracting(Condition::reason).containsExactly("FromTheFuture");
        assertThat(read.outputs().get("list")).hasToString("[1,null]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Nobody has touched it.
                "{}                                                                             |             |",
                "{'phase': 'Queued'}                                                            | Queued      |",
                // It waits for something that we do not know: it must not start for want of that knowledge.
                "{'phase': 'AwaitingMoon'}                                                      | Interrupted |",
                "{'phase': 7}                                                                   | Interrupted |",
                "{'phase': 'Tilted', 'finishedAt': '2026-01-01T00:00:00Z', 'run': {'executor': {'instance': 'a'}}}"
                        + "                                                                     | Interrupted |",
                // It may be running.
                "{'phase': 'Tilting', 'run': {'executor': {'instance': 'a'}}}                   | Running     |",
                "{'phase': 'Tilting', 'run': {'executor': {'instance': 'a'}, 'result': 'Tilted'}} | Interrupted |"
                        + " Interrupted",
                "{'phase': 'Running', 'run': {'executor': {'instance': 'a'}, 'result': 'Tilted'}} | Running     |"
                        + " Interrupted",
                "{'phase': 'Running', 'run': {'executor': {'instance': 'a'}, 'result': ['x']}}    | Running     |"
                        + " Interrupted"
            })
    void anUnknownPhaseOrResultNeverMeansNotStarted(String status, Phase phase, RunStatus.Result result) {
        // when
        UpdateStatus read = json.unmarshal(update("{'stack': 'shop', 'operation': 'Up'}", status), Update.class)
                .getStatus();

        // then
        assertThat(read.phase()).isEqualTo(phase);
        assertThat(read.run() == null ? null : read.run().result()).isEqualTo(result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'host-1'", "{}", "{'instance': 5}", "[1]", "{'pid': 'x', 'instance': null}"})
    void anUnreadableExecutorIsOneThatNobodyKnows(String executor) {
        // when
        UpdateStatus read = json.unmarshal(
                        update("{'stack': 'shop', 'operation': 'Up'}", "{'run': {'executor': " + executor + "}}"),
                        Update.class)
                .getStatus();

        // then
        assertThat(read.run().executor()).isEqualTo(new ExecutorStatus("unknown", null, null, null));
    }

    @Test
    void anUnreadableSpecOfAnUpdateStillSaysWhoseItIs() {
        // when
        UpdateSpec read = json.unmarshal(
                        update("{'stack': 'shop', 'operation': 'Import', 'targets': ['a']}", "{}"), Update.class)
                .getSpec();

        // then
        assertThat(read).isEqualTo(UpdateSpec.unreadable("shop"));
        assertThat(read.isReadable()).isFalse();
        assertThat(json.unmarshal(update("{'stack': ['shop'], 'operation': 1}", "{}"), Update.class)
                        .getSpec())
                .isEqualTo(UpdateSpec.unreadable(null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"'text'", "[]", "7", "null", "{'run': 'x', 'conditions': 5, 'failure': [], 'startedAt': {}}"})
    void aStatusOfAnotherShapeIsAnEmptyOne(String status) {
        // when, then
        Update update = json.unmarshal(update("{'stack': 'shop', 'operation': 'Up'}", status), Update.class);
        assertThat(update.getStatus() == null || update.getStatus().equals(UpdateStatus.empty()))
                .isTrue();
    }

    private static String stack(String status) {
        return object("Stack", "{'project': {'inline': {'name': 'x'}}}", status);
    }

    private static String update(String spec, String status) {
        return object("Update", spec, status);
    }

    private static String object(String kind, String spec, String status) {
        return "{'apiVersion': 'stackwright.io/v1alpha1', 'kind': '%s', 'metadata': {'name': 'x'}, 'spec': %s, 'status': %s}"
                .formatted(kind, spec, status)
                .replace('\'', '"');
    }
}
