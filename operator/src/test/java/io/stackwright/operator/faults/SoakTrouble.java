package io.stackwright.operator.faults;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** What goes wrong around the operator, chosen by a seed. */
final class SoakTrouble {

    private static final List<Fault> FAULTS = List.of(
            Fault.Answer.of(409, "Conflict"),
            new Fault.Answer(429, "TooManyRequests", Map.of("Retry-After", "1")),
            Fault.Answer.of(500, "InternalError"),
            Fault.Answer.of(503, "ServiceUnavailable"),
            new Fault.Cut(),
            new Fault.CutAnswer());

    private final World world;
    private final Random random;
    private final Random requests;
    private final Map<String, Integer> done = new TreeMap<>();
    private int restarts;
    private int unclean;

    SoakTrouble(World world, long seed) {
        this.world = world;
        this.random = new Random(seed + 1);
        this.requests = new Random(seed + 2);
    }

    /** One trouble; that of the API server lasts until the next. */
    synchronized void step() {
        // An operator that the API server refuses at its start ends, and Kubernetes starts it again.
        world.startIfEnded();
        world.proxy().heal();
        switch (random.nextInt(5)) {
            case 0 -> {
                world.proxy().cutAll();
                count("all connections cut");
            }
            case 1, 2 -> killCli();
            default -> {
                world.proxy()
                        .faults(request -> request.isIn(world.namespace()) && requests.nextInt(4) == 0
                                ? FAULTS.get(requests.nextInt(FAULTS.size()))
                                : new Fault.None());
                count("spells of bad answers");
            }
        }
    }

    private void killCli() {
        List<Long> commands = Processes.withEnvironment(world.home()).stream()
                .filter(Processes::leads)
                .toList();
        if (!commands.isEmpty() && Processes.kill(List.of(commands.get(random.nextInt(commands.size())))) > 0) {
            count("CLIs killed");
        }
    }

    /** The operator ends, one way or another, and is started again. */
    synchronized void restart() {
        switch (restarts++ % 3) {
            case 0 -> {
                unclean += world.restartOperator() ? 0 : 1;
                count("operators asked to end");
            }
            case 1 -> {
                world.killOperator();
                count("operators killed");
            }
            default -> {
                world.killPod();
                count("pods killed");
            }
        }
    }

    /** All is well from now on. */
    synchronized void end() {
        world.proxy().heal();
    }

    private void count(String what) {
        done.merge(what, 1, Integer::sum);
    }

    /** How often an operator had to be started again. */
    synchronized int restarts() {
        return restarts;
    }

    /** Operators that did not end when they were asked to. */
    synchronized int unclean() {
        return unclean;
    }

    synchronized String summary() {
        return done.toString();
    }
}
