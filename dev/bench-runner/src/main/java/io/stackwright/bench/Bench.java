package io.stackwright.bench;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs the sections that are asked for, prints their rows as they come and the whole table at the end. */
@Command(name = "dev/bench")
public final class Bench implements Callable<Integer> {

    /** What can be measured on its own. */
    enum Section {
        processes,
        latency,
        burst,
        reaction,
        idle,
        /** Needs a node; only when asked for. */
        jobs
    }

    @Parameters(description = "Sections; default all: ${COMPLETION-CANDIDATES}")
    private Set<Section> sections = EnumSet.noneOf(Section.class);

    @Option(names = "--work", required = true, description = "Scratch folder that the caller removes")
    private Path work;

    @Option(names = "--quick", description = "Fewer repetitions and 50 idle Stacks")
    private boolean quick;

    @Option(names = "--trace", description = "Print where the time of one Stack's life goes")
    private boolean trace;

    @Option(names = "--burst", description = "Stacks at once, of the jobs section: these instead of pairs")
    private Integer burst;

    @Option(names = "--pairs", description = "Pairs of the latency and jobs sections")
    private Integer pairs;

    @Option(names = "--stacks", description = "Stacks of the idle section")
    private Integer stacks;

    @Option(
            names = "--history",
            description = "Ended Updates of each Stack of the idle section; default the one it has")
    private int history = 1;

    private Bench() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Bench()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Report report = new Report(System.out);
        boolean all = sections.isEmpty() && !trace;
        Set<Section> wanted = all ? EnumSet.complementOf(EnumSet.of(Section.jobs)) : sections;
        if (wanted.contains(Section.jobs)) {
            jobs(report);
        }
        if (!wanted.equals(Set.of(Section.jobs))) {
            onControlPlane(wanted, report);
        }
        report.print();
        return 0;
    }

    private void onControlPlane(Set<Section> wanted, Report report) throws Exception {
        try (Rig rig = new Rig(work)) {
            Runtime.getRuntime().addShutdownHook(new Thread(rig::close, "stop"));
            BareCli bare = new BareCli(work.resolve("bare"), CliLog.in(work.resolve("bare-cli")));
            for (Section section : wanted) {
                System.out.println(section);
                switch (section) {
                    case processes -> new Processes(rig, report).measure();
                    case latency -> new Latency(rig, bare, report).measure(or(pairs, 5, 9), quick ? 2 : 4);
                    case burst -> new Burst(rig, bare, report).measure(20, quick ? 1 : 3);
                    case reaction -> new Reaction(rig, report).measure(quick ? 20 : 40);
                    case idle -> new Idle(rig, report).measure(or(stacks, 50, 1000), history);
                    case jobs -> {}
                }
            }
            if (trace) {
                new Trace(rig).print();
            }
        }
    }

    private void jobs(Report report) throws InterruptedException {
        System.out.println(Section.jobs);
        try (JobRig rig = new JobRig(trace ? "debug" : "info")) {
            if (trace) {
                new JobTrace(rig).print("cold");
                new JobTrace(rig).print("warm");
                new JobTrace(rig).print("traced");
            } else if (burst != null) {
                new JobBurst(rig, report).measure(burst);
            } else {
                new JobLatency(rig, report).measure(or(pairs, 3, 9), quick ? 1 : 2);
            }
        }
    }

    private int or(Integer given, int quickly, int fully) {
        return given != null ? given : quick ? quickly : fully;
    }
}
