package io.stackwright.operator.faults;

import java.util.ArrayList;
import java.util.List;

/**
 * Where in which workload who is killed.
 *
 * @param moment of a recording of the workload
 */
record KillPoint(String workload, Victim victim, String moment) {

    /** Who gets SIGKILL. */
    enum Victim {
        /** The operator alone: what it has started goes on. */
        OPERATOR,
        /** The CLI alone: its provider goes on. */
        CLI,
        /** Everything in the operator's container. */
        POD
    }

    /** All that there are at the moments of a recording; the workload may leave some out. */
    static List<KillPoint> of(Workload workload, List<String> recording) {
        List<KillPoint> points = new ArrayList<>();
        for (String moment : recording) {
            points.add(new KillPoint(workload.name(), Victim.OPERATOR, moment));
            boolean running = moment.startsWith("cli ") && !moment.contains(" after ");
            if (running || isInStep(moment)) {
                points.add(new KillPoint(workload.name(), Victim.CLI, moment));
                points.add(new KillPoint(workload.name(), Victim.POD, moment));
            }
        }
        return points;
    }

    private static boolean isInStep(String moment) {
        return moment.startsWith("ledger ") || moment.startsWith("event ");
    }

    /** Whether it ends a CLI that is about to change something, or has and may not have recorded it. */
    boolean cutsAStep() {
        return victim != Victim.OPERATOR && isInStep(moment);
    }

    /** What it is known by, for a replay. */
    String id() {
        return workload + "/" + victim + "/" + moment;
    }

    static KillPoint parse(String id) {
        String[] parts = id.split("/", 3);
        return new KillPoint(parts[0], Victim.valueOf(parts[1]), parts[2]);
    }

    /** Whether the wrapper of the CLI has to stay to see the moment. */
    boolean needsEnds() {
        return moment.startsWith("cli ") && moment.contains(" after ");
    }

    /**
     * Whether a create may have been recorded at this moment of which the provider does not know yet. Where the provider
     * waits for the test there is none.
     */
    boolean isBetweenEngineAndProvider() {
        return !moment.startsWith("ledger ");
    }

    /** @return how many processes died */
    int kill(World world, String stack) {
        return switch (victim) {
            case OPERATOR -> world.killOperator();
            case CLI -> world.killCli(stack);
            case POD -> world.killPod();
        };
    }

    @Override
    public String toString() {
        return id();
    }
}
