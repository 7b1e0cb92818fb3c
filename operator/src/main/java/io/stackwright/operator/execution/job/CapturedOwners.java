package io.stackwright.operator.execution.job;

import io.stackwright.operator.execution.job.RunResult.ForeignOwner;
import io.stackwright.operator.execution.runner.StackOwners;
import java.util.Optional;

/** Knows of other Stacks only which are gone; whom else it met, it tells the operator, which can see all of them. */
final class CapturedOwners implements StackOwners {

    private final RunInput input;
    private volatile Optional<ForeignOwner> met = Optional.empty();

    CapturedOwners(RunInput input) {
        this.input = input;
    }

    @Override
    public String installation() {
        return input.installation();
    }

    @Override
    public boolean isGone(String namespace, String stackUid) {
        if (input.goneOwners().contains(stackUid)) {
            return true;
        }
        met = Optional.of(new ForeignOwner(namespace, stackUid));
        return false;
    }

    /** Whom a Pulumi stack belongs to as far as is known here. */
    Optional<ForeignOwner> met() {
        return met;
    }
}
