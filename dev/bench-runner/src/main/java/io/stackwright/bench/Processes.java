package io.stackwright.bench;

import static io.stackwright.bench.Rig.PATIENCE;

import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.Update;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** CLI processes per operation. */
final class Processes {

    private static final String HIDING = Rig.PROGRAM + "  hidden: {\"fn::secret\": \"${greeting}\"}\n";

    private final Rig rig;
    private final Report report;

    Processes(Rig rig, Report report) {
        this.rig = rig;
        this.report = report;
    }

    private interface Operation {
        void perform() throws InterruptedException;
    }

    void measure() throws InterruptedException {
        String namespace = rig.newNamespace();
        Stack plain = Rig.stack(namespace, "plain", "");
        Stack hiding = Rig.stack(namespace, "hiding", HIDING, "");

        count("first up", "3: update, create, ownership tag", () -> rig.settled(plain));
        count(
                "change",
                "1",
                () -> rig.observer()
                        .awaitReady(
                                plain, rig.configure(plain, "a").getMetadata().getGeneration(), PATIENCE));
        count("no-op (a change that means nothing to Pulumi)", "0", () -> {
            Stack patched = rig.patch(plain, "{\"spec\": {\"historyLimit\": 7}}");
            rig.observer().awaitReady(plain, patched.getMetadata().getGeneration(), PATIENCE);
        });
        count("change of a tag", "2: and the tag", () -> {
            Stack patched = rig.patch(plain, "{\"spec\": {\"tags\": {\"team\": \"a\"}}}");
            rig.observer().awaitReady(plain, patched.getMetadata().getGeneration(), PATIENCE);
        });
        count("preview", "1", () -> {
            Update preview = rig.preview(plain, "look");
            rig.observer()
                    .await(
                            "the preview's end",
                            sight -> sight.is(preview) && isEnded((Update) sight.object()),
                            PATIENCE);
        });
        count("destroy with remove", "1", () -> {
            rig.delete(plain);
            rig.observer().awaitGone(plain, PATIENCE);
        });
        count("first up, with a secret output", "4", () -> rig.settled(hiding));
        count(
                "change, with a secret output",
                "2",
                () -> rig.observer()
                        .awaitReady(
                                hiding, rig.configure(hiding, "a").getMetadata().getGeneration(), PATIENCE));
        rig.delete(hiding);
        rig.observer().awaitGone(hiding, PATIENCE);
    }

    private static boolean isEnded(Update update) {
        return update.getStatus().phase() != null && update.getStatus().phase().isFinal();
    }

    private void count(String what, String target, Operation operation) throws InterruptedException {
        Instant from = rig.observer().mark();
        operation.perform();
        // Nothing tells that no further process will come.
        TimeUnit.MILLISECONDS.sleep(500);
        List<String> commands =
                rig.cli().startsSince(from).stream().map(CliLog.Line::command).toList();
        report.row("CLI processes: " + what, Integer.toString(commands.size()), target, String.join(", ", commands));
    }
}
