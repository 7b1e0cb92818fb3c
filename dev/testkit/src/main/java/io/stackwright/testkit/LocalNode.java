package io.stackwright.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The one-node Kubernetes that {@code dev/node/up} starts on this machine.
 *
 * <p>It ends with the process that it belongs to: the Maven build that this JVM is a part of, so that the modules of a
 * build share one, or else this JVM.
 */
public final class LocalNode implements Cluster {

    private final Path scratch;
    private final Path kubeconfig;

    private LocalNode(Path scratch, Path kubeconfig) {
        this.scratch = scratch;
        this.kubeconfig = kubeconfig;
    }

    static Cluster start() {
        if (!System.getProperty("os.name").equals("Linux")) {
            throw new Unavailable("the local node of dev/node needs Linux");
        }
        if (!Run.command(List.of("id", "-u")).equals("0")) {
            throw new Unavailable("the local node of dev/node needs root");
        }
        ProcessHandle owner = owner();
        Path scratch = Path.of(System.getProperty("java.io.tmpdir"), "stackwright-node-" + owner.pid());
        try {
            String kubeconfig =
                    Run.command(List.of(script("up"), "--owner", Long.toString(owner.pid()), scratch.toString()));
            return new LocalNode(scratch, Path.of(kubeconfig));
        } catch (IllegalStateException e) {
            throw new Unavailable("the local node of dev/node did not start: " + e.getMessage());
        }
    }

    /**
     * Sends a signal to one of the node's servers. One that it ends is started again after a second.
     *
     * @param server {@code etcd}, {@code kube-apiserver}, {@code kube-controller-manager}, {@code kube-scheduler},
     *     {@code containerd}, {@code kubelet}, {@code kube-proxy} or {@code coredns}
     * @param signal such as {@code KILL}, {@code STOP}, {@code CONT}
     */
    public void signal(String server, String signal) {
        try {
            String pid =
                    Files.readString(scratch.resolve("run/" + server + ".pid")).strip();
            exec("kill", "-" + signal, pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address under which pods reach servers of this machine that listen on all its addresses. */
    public String hostAddress() {
        try {
            return "198.18." + Files.readString(scratch.resolve("slot")).strip() + ".2";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command inside the node's namespaces and returns its standard output. */
    public String exec(String... command) {
        List<String> line = new ArrayList<>(List.of(script("exec"), scratch.toString()));
        line.addAll(List.of(command));
        return Run.command(line);
    }

    /** What the ServiceAccounts outside of kube-system have asked the API server for, a line of JSON for each request. */
    public Path auditLog() {
        return scratch.resolve("log/audit.log");
    }

    @Override
    public String description() {
        return "the local node in " + scratch;
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public void load(Path archive) {
        Run.command(List.of(
                script("load"), scratch.toString(), archive.toAbsolutePath().toString()));
    }

    @Override
    public void close() {
        if (owner().equals(ProcessHandle.current())) {
            Run.command(List.of(script("down"), scratch.toString()));
        }
    }

    /** The build that forked this JVM, or this JVM. */
    private static ProcessHandle owner() {
        ProcessHandle self = ProcessHandle.current();
        for (var parent = self.parent();
                parent.isPresent();
                parent = parent.get().parent()) {
            if (isMaven(parent.get())) {
                return parent.get();
            }
        }
        return self;
    }

    private static boolean isMaven(ProcessHandle process) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
            return new String(line, StandardCharsets.UTF_8)
                    .contains("org.codehaus.plexus.classworlds.launcher.Launcher");
        } catch (IOException e) {
            return false;
        }
    }

    private static String script(String name) {
        return Toolchain.root().resolve("dev/node").resolve(name).toString();
    }
}
