package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.stackwright.api.v1alpha1.Operation;
import io.stackwright.api.v1alpha1.RunStatus.Changes;
import io.stackwright.api.v1alpha1.RunStatus.Progress;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Event sequences as CLI 3.250.0 writes them. */
class EventFoldTest {

    private static final String SUCCEEDED = "{'summaryEvent':{'resourceChanges':{},'result':'succeeded'}}";
    private static final String SECRET =
            "{'4dabf18193072939515e22adb298388d':'1b47061264138c4ac30d75fd1eb44270','ciphertext':'[secret]'}";

    private final EventFold up = new EventFold(Operation.Up, false);

    @Test
    void followsAnUpdate() {
        // when
        feed(up, pre("create", stack()), pre("create", provider("default")), done("create", provider("default")));
        feed(up, pre("create", file("a")), pre("create", file("b")));

        // then
        assertThat(up.progress()).isEqualTo(new Progress(0, 0, null, "test:index:File b (creating)"));
        assertThat(up.succeeded()).isFalse();

        // when
        feed(up, done("create", file("b")));
        assertThat(up.progress()).isEqualTo(new Progress(1, 0, null, "test:index:File a (creating)"));
        feed(up, done("create", file("a")), stackOutputs("{'n':3}"), SUCCEEDED, "{'cancelEvent':{}}");

        // then
        assertThat(up.progress()).isEqualTo(new Progress(2, 0, null, null));
        assertThat(up.changes()).isEqualTo(new Changes(2, 0, 0, 0, 0));
        assertThat(up.resources()).isEqualTo(OptionalInt.of(2));
        assertThat(up.outputs().get().toString()).isEqualTo("{n=3}");
    }

    @Test
    void tellsOnlyResourceEventsAsProgress() throws Exception {
        assertThat(up.accept(json(pre("create", file("a"))))).isTrue();
        assertThat(up.accept(json(pre("create", stack())))).isFalse();
        assertThat(up.accept(json(pre("create", provider("default_6_1_0"))))).isFalse();
        assertThat(up.accept(json(pre("create", provider("mine"))))).isTrue();
        assertThat(up.accept(json(SUCCEEDED))).isFalse();
        assertThat(up.accept(json("{'somethingNew':{'metadata':3}}"))).isFalse();
    }

    @Test
    void aReplacementIsOneChange() {
        // when
        feed(up, pre("update", file("u")), pre("create-replacement", file("r")), pre("create", file("c")));
        feed(up, done("update", file("u")), done("create-replacement", file("r")), done("create", file("c")));
        feed(up, pre("replace", file("r")), done("replace", file("r")));
        feed(up, pre("delete-replaced", file("r")), done("delete-replaced", file("r")), SUCCEEDED);

        // then
        assertThat(up.changes()).isEqualTo(new Changes(1, 1, 1, 0, 0));
        assertThat(up.resources()).isEqualTo(OptionalInt.of(3));
        assertThat(up.steps())
                .extracting("operation", "name")
                .containsExactly(tuple("replace", "r"), tuple("update", "u"), tuple("create", "c"));
    }

    @Test
    void whatAFailedReplacementLeftBehindIsDeletedBesideTheLivingResource() {
        // when
        feed(up, pre("delete", file("a")), done("delete", file("a")), pre("same", file("a")), done("same", file("a")));
        feed(up, SUCCEEDED);

        // then
        assertThat(up.changes()).isEqualTo(new Changes(0, 0, 0, 1, 0));
        assertThat(up.resources()).isEqualTo(OptionalInt.of(1));
    }

    @Test
    void theRefreshBeforeAnUpIsNoChangeButADriftIsAStep() {
        // when
        feed(up, pre("refresh", file("gone")), pre("refresh", file("edited")), pre("refresh", file("fine")));
        feed(up, states("refresh", "gone", "{'c':1}", null), states("refresh", "edited", "{'c':1}", "{'c':2}"));
        feed(up, states("refresh", "fine", "{'c':1}", "{'c':1}"), pre("same", file("fine")));
        assertThat(up.progress().completed()).isZero();
        feed(up, done("same", file("fine")), pre("same", file("edited")), done("same", file("edited")), SUCCEEDED);

        // then
        assertThat(up.changes()).isEqualTo(new Changes(0, 0, 0, 0, 2));
        assertThat(up.steps())
                .extracting("operation", "name")
                .containsExactly(tuple("refresh", "gone"), tuple("refresh", "edited"));
        assertThat(up.resources()).isEqualTo(OptionalInt.of(2));
    }

    @Test
    void whatARefreshFindsGoneIsOutOfTheStateAlsoWhenItCannotBeCreatedAnew() {
        // when
        feed(up, pre("refresh", file("fine")), states("refresh", "fine", "{'c':1}", "{'c':1}"));

        // then
        assertThat(up.tookOut()).isFalse();

        // when
        feed(up, pre("refresh", file("gone")), states("refresh", "gone", "{'c':1}", null));
        feed(up, pre("create", file("gone")));
        feed(up, "{'resOpFailedEvent':{'metadata':" + metadata("create", file("gone")) + "}}");

        // then
        assertThat(up.tookOut()).isTrue();
        assertThat(up.resources()).as("it has failed").isEmpty();
    }

    @Test
    void countsWhatARefreshFound() {
        // given
        EventFold refresh = new EventFold(Operation.Refresh, false);

        // when
        feed(refresh, pre("refresh", stack()), stackOutputs("{'n':1}"));
        feed(refresh, pre("refresh", file("gone")), pre("refresh", file("edited")), pre("refresh", file("fine")));
        feed(refresh, done("delete", file("gone")), done("update", file("edited")), done("same", file("fine")));
        feed(refresh, SUCCEEDED);

        // then
        assertThat(refresh.changes()).isEqualTo(new Changes(0, 1, 0, 1, 1));
        assertThat(refresh.resources()).isEqualTo(OptionalInt.of(2));
        assertThat(refresh.tookOut()).isTrue();
        assertThat(refresh.outputs()).isPresent();
    }

    @Test
    void aFailedResourceIsAStepAndNoChange() {
        // when
        feed(up, pre("create", file("a")), "{'resOpFailedEvent':{'metadata':" + metadata("create", file("a")) + "}}");
        feed(up, stackOutputs("{'n':1}"), "{'summaryEvent':{'result':'failed'}}");

        // then
        assertThat(up.changes()).isEqualTo(new Changes(0, 0, 0, 0, 0));
        assertThat(up.progress()).isEqualTo(new Progress(0, 1, null, null));
        assertThat(up.steps()).extracting("name", "failed").containsExactly(tuple("a", true));
        assertThat(up.resources()).isEmpty();
        assertThat(up.outputs()).as("outputs of a failed run").isEmpty();
    }

    @Test
    void stepsAreBoundedAndReplacementsComeFirst() {
        // when
        for (int i = 0; i < 50; i++) {
            feed(up, done("create", file("f" + i)));
        }
        feed(up, done("replace", file("r")));

        // then
        assertThat(up.steps()).hasSize(40);
        assertThat(up.steps().getFirst().name()).isEqualTo("r");
        assertThat(up.omittedSteps()).isEqualTo(11);
    }

    @Test
    void tellsChangedPathsDetailedWhereTheyAre() {
        // when
        feed(
                up,
                "{'resOutputsEvent':{'metadata':{'op':'update','type':'test:index:File','urn':'" + file("a")
                        + "','diffs':['tags'],'detailedDiff':{'tags.owner':{},'tags[0]':{}}}}}",
                "{'resOutputsEvent':{'metadata':{'op':'update','type':'test:index:File','urn':'" + file("b")
                        + "','diffs':['1','2','3','4','5','6','7','8','9','10','11'],'detailedDiff':null}}}");

        // then
        assertThat(up.steps().get(0).diff()).containsExactly("tags.owner", "tags[0]");
        assertThat(up.steps().get(1).diff()).hasSize(10);
    }

    @Test
    void targetedRunsTellNoTotal() {
        // given
        EventFold destroy = new EventFold(Operation.Destroy, true);
        feed(destroy, done("delete", file("a")), SUCCEEDED);

        // then
        assertThat(destroy.resources()).isEmpty();
        assertThat(destroy.changes()).isEqualTo(new Changes(0, 0, 0, 1, 0));
    }

    @Test
    void findsSecretMarkersAtAnyDepth() throws Exception {
        assertThat(SecretMarker.in(json(SECRET))).isTrue();
        assertThat(SecretMarker.in(json("{'a':[1,{'b':[" + SECRET + "]}]}"))).isTrue();
        assertThat(SecretMarker.in(json("{'a':'[secret]','4dabf18193072939515e22adb298388d':'another'}")))
                .isFalse();
        assertThat(SecretMarker.in(json("{'a':{'4dabf18193072939515e22adb298388d':null}}")))
                .isFalse();
    }

    @Test
    void diagnosticsAreErrorsFirstWithoutNoise() {
        // when
        feed(up, diagnostic("debug", "Registering", ""), diagnostic("info", "hello", ""));
        feed(up, diagnostic("warning", "old", ""), diagnostic("info#err", "Error: line one", stack()));
        feed(up, diagnostic("info#err", "  line two", stack()), diagnostic("error", "broken", file("a")));
        feed(up, "{'diagnosticEvent':{'severity':'info','message':'spinner','ephemeral':true}}");

        // then
        assertThat(up.diagnostics())
                .extracting("severity", "message")
                .containsExactly(
                        tuple("error", "broken"),
                        tuple("warning", "old"),
                        tuple("info", "Error: line one\n  line two"),
                        tuple("info", "hello"));
        assertThat(up.errors()).containsExactly("test:index:File a: broken");
    }

    @Test
    void whatTheProgramPrintedExplainsAFailureThatNothingElseDoes() {
        // when
        feed(up, diagnostic("info#err", "\u001b[31mError\u001b[0m: no such type", stack()));

        // then
        assertThat(up.errors()).containsExactly("Error: no such type");
    }

    @Test
    void diagnosticsAreBounded() {
        // when
        for (int i = 0; i < 30; i++) {
            feed(up, diagnostic("error", "e" + "x".repeat(10_000) + "end", ""));
        }

        // then
        assertThat(up.diagnostics())
                .hasSize(20)
                .allSatisfy(diagnostic -> assertThat(diagnostic.message())
                        .hasSizeLessThanOrEqualTo(1024)
                        .startsWith("ex")
                        .endsWith("xend"));
    }

    private static void feed(EventFold fold, String... events) {
        for (String event : events) {
            try {
                fold.accept(json(event));
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalArgumentException(event, e);
            }
        }
    }

    private static com.fasterxml.jackson.databind.JsonNode json(String text)
            throws com.fasterxml.jackson.core.JsonProcessingException {
        return Json.parse(text.replace('\'', '"').replace("\u001b", "\\u001b"));
    }

    private static String pre(String op, String urn) {
        return "{'resourcePreEvent':{'metadata':" + metadata(op, urn) + "}}";
    }

    private static String done(String op, String urn) {
        return "{'resOutputsEvent':{'metadata':" + metadata(op, urn) + "}}";
    }

    private static String metadata(String op, String urn) {
        return "{'op':'" + op + "','urn':'" + urn + "','type':'" + Urn.type(urn) + "','old':null,'new':null,"
                + "'detailedDiff':null}";
    }

    private static String states(String op, String name, String old, String now) {
        return "{'resOutputsEvent':{'metadata':{'op':'" + op + "','urn':'" + file(name)
                + "','type':'test:index:File','old':{'outputs':" + old + "},'new':"
                + (now == null ? "null" : "{'outputs':" + now + "}") + "}}}";
    }

    @Test
    void aPreviewTellsWhichOutputsWouldChange() throws Exception {
        // given
        EventFold preview = new EventFold(Operation.Preview, false);
        String event = "{'resOutputsEvent':{'metadata':{'op':'same','urn':'urn:pulumi:s::p::pulumi:pulumi:Stack::p-s',"
                + "'type':'pulumi:pulumi:Stack','old':{'outputs':{'a':1,'b':{'c':1},'gone':1}},'new':{'outputs':%s}}}}";

        // when
        preview.accept(json(event.formatted("{'a':1,'b':{'c':2},'more':1}")));

        // then
        assertThat(preview.steps()).singleElement().satisfies(step -> {
            assertThat(step.type()).isEqualTo("pulumi:pulumi:Stack");
            assertThat(step.diff()).containsExactly("outputs.b", "outputs.gone", "outputs.more");
        });

        // when the program registers them after all as they were
        preview.accept(json(event.formatted("{'a':1,'b':{'c':1},'gone':1}")));

        // then
        assertThat(preview.steps()).isEmpty();
    }

    private static String stackOutputs(String outputs) {
        return "{'resOutputsEvent':{'metadata':{'op':'same','urn':'" + stack()
                + "','type':'pulumi:pulumi:Stack','new':{'outputs':" + outputs + "}}}}";
    }

    private static String diagnostic(String severity, String message, String urn) {
        return "{'diagnosticEvent':{'urn':'" + urn + "','severity':'" + severity + "','message':'" + message
                + "\\n\\n','color':'never'}}";
    }

    private static String stack() {
        return "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
    }

    private static String provider(String name) {
        return "urn:pulumi:dev::p::pulumi:providers:test::" + name;
    }

    private static String file(String name) {
        return "urn:pulumi:dev::p::test:index:Component$test:index:File::" + name;
    }
}
