package io.stackwright.operator.source;

import org.eclipse.jgit.lib.EmptyProgressMonitor;

/** Stops a download, also the local work after the last byte, when time is up or too much came. */
final class DownloadMonitor extends EmptyProgressMonitor {

    private final Deadline deadline;
    private final ByteBudget budget;

    DownloadMonitor(Deadline deadline, ByteBudget budget) {
        this.deadline = deadline;
        this.budget = budget;
    }

    @Override
    public boolean isCancelled() {
        return deadline.expired() || budget.exceeded();
    }
}
