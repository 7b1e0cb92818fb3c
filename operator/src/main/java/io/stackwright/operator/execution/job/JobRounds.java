package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks now and then at what no event tells of. There is one round at a time, and it asks for the events of a few runs only:
 * one tenant may have hundreds that cannot start.
 */
final class JobRounds {

    private static final Logger LOG = LoggerFactory.getLogger(JobRounds.class);
    private static final int EVENTS_A_ROUND = 10;

    private final Looks looks;
    private final Host host;
    private final OneAtATime rounds = new OneAtATime("looking after Jobs");

    /** Uids of the Updates of runs about which something is being written. */
    private final Set<String> writing = ConcurrentHashMap.newKeySet();

    private final OneAtATime sweeps = new OneAtATime("looking for what runs have left");

    /** What is looked at, and by whom. */
    record Looks(JobWatch watch, JobStarts starts, JobTroubles troubles, ReplacedPods replaced, JobSweep sweep) {}

    /** Whose runs they are. */
    interface Host {

        boolean mayAct();

        /** Those that have a Job; first those whose events were looked at the longest ago. */
        List<TrackedRun> made();

        JobView view(TrackedRun run, Job job);

        /** Has its Stack told of what has changed. */
        void show(TrackedRun run);

        /** Has something about a run written, which the round does not wait for. */
        void write(TrackedRun run, Runnable act);

        /** Others get their turn, and what nobody asks for is forgotten. */
        void makeRoom();

        boolean isOurs(String updateUid);
    }

    JobRounds(Looks looks, Host host) {
        this.looks = looks;
        this.host = host;
    }

    /**
     * Begins a round, unless the last one goes on: what many runs wait for takes long to find out. So does what runs have
     * left, which no run has to wait for.
     */
    void begin(Executor threads) {
        rounds.begin(threads, this::round);
        sweeps.begin(threads, this::sweep);
    }

    private void sweep() {
        if (host.mayAct()) {
            looks.sweep().run(host::isOurs);
        }
    }

    private void round() {
        if (!host.mayAct()) {
            return;
        }
        int events = EVENTS_A_ROUND;
        for (TrackedRun run : host.made()) {
            Optional<Job> job = looks.watch().job(run.key());
            if (job.isEmpty()) {
                miss(run);
            } else if (look(run, job.get(), events > 0)) {
                events--;
            }
        }
        host.makeRoom();
    }

    /** @return whether its events were looked at, which is done only if they may be */
    private boolean look(TrackedRun run, Job job, boolean events) {
        List<Pod> pods = looks.watch().pods(job);
        if (isReplaced(run, job, pods)) {
            write(run, () -> looks.replaced().note(run, job, pods));
        }
        JobView view = host.view(run, job);
        boolean looked = false;
        if (view instanceof JobView.Waiting(var hindrance)) {
            if (looks.troubles().isLate(job)) {
                write(run, () -> looks.troubles().end(job));
            }
            looked = events
                    && (hindrance.isEmpty() || run.event().isPresent())
                    && looks.troubles().look(run, job, pods);
        }
        if (view instanceof JobView.Waiting || view instanceof JobView.Overdue) {
            host.show(run);
        }
        return looked;
    }

    private boolean isReplaced(TrackedRun run, Job job, List<Pod> pods) {
        try {
            return looks.replaced().isToBeNoted(run, job, pods);
        } catch (KubernetesClientException e) {
            // The others are to be looked at after it.
            LOG.atWarn().setCause(e).addKeyValue("update", run.key().update()).log("its pods are not looked at yet");
            return false;
        }
    }

    /** The admission of its namespace may hang, and the runs of others are to be looked at meanwhile. */
    private void write(TrackedRun run, Runnable act) {
        String uid = run.key().updateUid();
        if (!writing.add(uid)) {
            return;
        }
        host.write(run, () -> {
            try {
                act.run();
            } catch (KubernetesClientException e) {
                LOG.atWarn()
                        .setCause(e)
                        .addKeyValue("update", run.key().update())
                        .log("a Job is not changed yet");
            } finally {
                writing.remove(uid);
            }
        });
    }

    /** Somebody may have taken its Job away before that was ever seen. */
    private void miss(TrackedRun run) {
        if (!run.isSeen() && looks.starts().hasNone(run.key())) {
            run.markSeen();
            host.show(run);
        }
    }
}
