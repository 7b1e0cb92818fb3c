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
        idle
    }

    @Parameters(description = "Sections; default all: ${COMPLETION-CANDIDATES}")
    private Set<Section> sections = EnumSet.noneOf(Section.class);

    @Option(names = "--work", required = true, description = "Scratch folder that the caller removes")
    private Path work;

    @Option(names = "--quick", description = "Fewer repetitions and 50 idle Stacks")
    private boolean quick;

    @Option(names = "--trace", description = "Print where the time of one Stack's life goes")
    private boolean trace;

    @Option(names = "--pairs", description = "Pairs of the latency section")
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
        try (Rig rig = new Rig(work)) {
            Runtime.getRuntime().addShutdownHook(new Thread(rig::close, "stop"));
            BareCli bare = new BareCli(work.resolve("bare"), CliLog.in(work.resolve("bare-cli")));
            for (Section section : all ? EnumSet.allOf(Section.class) : sections) {
                System.out.println(section);
                switch (section) {
                    case processes -> new Processes(rig, report).measure();
                    case latency -> new Latency(rig, bare, report).measure(or(pairs, 5, 9), quick ? 2 : 4);
                    case burst -> new Burst(rig, bare, report).measure(20);
                    case reaction -> new Reaction(rig, report).measure(quick ? 20 : 40);
                    case idle -> new Idle(rig, report).measure(or(stacks, 50, 1000), history);
                }
            }
            if (trace) {
                new Trace(rig).print();
            }
        }
        report.print();
        return 0;
    }

    private int or(Integer given, int quickly, int fully) {
        return given != null ? given : quick ? quickly : fully;
    }
}
