package io.stackwright.testkit;

import java.nio.file.Path;
import java.util.function.Supplier;

/** A cluster that tests can use, and the ways to have one. */
sealed interface Cluster extends AutoCloseable permits GivenCluster, K3sCluster, LocalNode {

    String description();

    /** A kubeconfig of an administrator. */
    Path kubeconfig();

    /** Imports an image archive, unless it is there. */
    void load(Path archive);

    @Override
    void close();

    /** In the order of preference. */
    enum Source implements Supplier<Cluster> {
        GIVEN(GivenCluster::fromEnvironment),
        K3S(K3sCluster::start),
        NODE(LocalNode::start);

        private final Supplier<Cluster> start;

        Source(Supplier<Cluster> start) {
            this.start = start;
        }

        /**
         * The cluster.
         *
         * @throws Unavailable when it cannot be had here
         */
        @Override
        public Cluster get() {
            return start.get();
        }
    }

    /** A kind of cluster that this machine does not offer; the message says why, and what would help. */
    final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }
}
