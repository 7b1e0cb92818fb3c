package io.stackwright.operator.faults;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.stackwright.testkit.ControlPlane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** People who do one thing after another, chosen by a seed, to some Stacks more often than to others. */
final class SoakChurn {

    private static final int SECRETS = 5;

    private final World world;
    private final Random random;
    private final List<SoakStack> stacks = new ArrayList<>();
    private final Map<String, Integer> done = new TreeMap<>();
    private int number;

    SoakChurn(World world, int count, long seed) {
        this.world = world;
        this.random = new Random(seed);
        for (int i = 0; i < SECRETS; i++) {
            changeSecret(i);
        }
        for (int i = 0; i < count; i++) {
            stacks.add(new SoakStack(world, "s" + i + "x", "soak-" + i % SECRETS, i % 10 == 3));
        }
        stacks.forEach(stack -> stack.create(false));
    }

    /** One thing. */
    synchronized void step() {
        stacks.forEach(stack -> stack.look(random.nextInt(4) == 0));
        double where = random.nextDouble();
        SoakStack stack = stacks.get((int) (stacks.size() * where * where));
        int what = random.nextInt(100);
        number++;
        if (what < 2) {
            changeSecret(random.nextInt(SECRETS));
            count("Secrets changed");
        } else if (!stack.isLeaving()) {
            act(stack, what);
        }
    }

    private void act(SoakStack stack, int what) {
        if (what < 40) {
            stack.change("v" + number);
            count("configurations changed");
        } else if (what < 54) {
            stack.delete(random.nextBoolean(), random.nextBoolean());
            count("deleted and made again");
        } else if (what < 64) {
            stack.run(random.nextBoolean() ? "Preview" : "Refresh");
            count("ad-hoc Updates");
        } else if (what < 72) {
            stack.cancel();
            count("cancels");
        } else if (what < 76) {
            stack.suspend(true);
            count("suspended");
        } else if (what < 82) {
            stack.suspend(false);
        } else if (what < 88) {
            stack.breakDown();
            count("programs broken");
        } else if (what < 96) {
            stack.heal();
        } else {
            stack.ask();
        }
    }

    private void count(String what) {
        done.merge(what, 1, Integer::sum);
    }

    private void changeSecret(int which) {
        ControlPlane.shared()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("soak-" + which)
                        .withNamespace(world.namespace())
                        .endMetadata()
                        .withStringData(Map.of("token", Workload.TOKEN + "-" + which + "-" + number))
                        .build())
                .createOr(NonDeletingOperation::update);
    }

    int size() {
        return stacks.size();
    }

    /** Whether there is no Stack any more that has a Pulumi stack of this name, and nobody wanted it to stay. */
    synchronized boolean isGone(String pulumiStack) {
        return stacks.stream().noneMatch(stack -> stack.keeps(pulumiStack));
    }

    /** The last wishes: all Stacks are to become Ready with this value. */
    synchronized void comeToRest(String value) {
        stacks.stream().filter(stack -> !stack.isLeaving()).forEach(stack -> stack.comeToRest(value));
    }

    /** Why which Stack is not Ready with the value. */
    synchronized List<String> unready(String value) {
        for (SoakStack stack : stacks) {
            boolean left = stack.isLeaving();
            stack.look(false);
            if (left && !stack.isLeaving()) {
                stack.comeToRest(value);
            }
        }
        return stacks.stream()
                .map(stack -> stack.unready(value))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Locks on the Pulumi stacks of the Stacks that are there; one that was retained may keep that of a killed CLI. */
    List<String> locks() {
        return world.people().locks().stream()
                .map(lock -> "lock " + lock)
                .filter(lock -> stacks.stream().anyMatch(stack -> lock.contains("/" + stack.name() + "/")))
                .toList();
    }

    List<String> orphans() {
        return stacks.stream().map(SoakStack::orphans).flatMap(Optional::stream).toList();
    }

    synchronized String summary() {
        return done.toString();
    }
}
