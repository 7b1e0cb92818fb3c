package io.stackwright.operator.execution.recovery;

import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.source.StackKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evidence of runs, in the data directory.
 *
 * <p>{@code open/<update uid>} is where a run's processes write themselves down; {@code closed/<stack>/<update uid>} is
 * what remains once no more of them can start: the move takes the folder away from under a process that is about to
 * begin, and one that cannot write itself down does not run. Evidence is kept until a run of the same Pulumi stack
 * succeeds, because by then no lock of the earlier ones is left. Where none will, because the Stack is gone, it goes at
 * once if nothing is locked; what may still be of use is kept, and bounded: {@code departed} names those.
 */
public final class EvidenceStore {

    private static final Logger LOG = LoggerFactory.getLogger(EvidenceStore.class);
    private static final String NOTE = "run.json";
    private static final String OPEN = "evidence/open";
    private static final String CLOSED = "evidence/closed";

    /** Runs in a row of which evidence is kept although they have certainly left no lock. */
    private static final int KEPT = 50;

    /** Runs in a row that may have left one. Each has failed, so with the delays between them this is weeks. */
    private static final int KEPT_PROOFS = 1000;

    private static final String DEPARTED = "evidence/departed";

    /** Pulumi stacks without a Stack whose evidence is kept. */
    private static final int KEPT_DEPARTED = 1000;

    private final Path open;
    private final Path closed;
    private final Path departed;
    private final int keptDeparted;
    private final LinuxProcesses processes;
    private final Clock clock;

    /** @param data the operator's data directory, which it holds alone */
    public EvidenceStore(Path data, LinuxProcesses processes, Clock clock) {
        this(data, processes, clock, KEPT_DEPARTED);
    }

    EvidenceStore(Path data, LinuxProcesses processes, Clock clock, int keptDeparted) {
        Path root = data.toAbsolutePath().normalize();
        this.open = root.resolve(OPEN);
        this.closed = root.resolve(CLOSED);
        this.departed = root.resolve(DEPARTED);
        this.keptDeparted = keptDeparted;
        this.processes = processes;
        this.clock = clock;
    }

    /** Begins the evidence of a run; before its first process. */
    public RunEvidence begin(RunRequest request) {
        RunNote note = new RunNote(
                request.run().stack(),
                request.run().update(),
                request.run().updateUid(),
                request.identityKey(),
                processes.hostName(),
                processes.scope(),
                clock.instant(),
                request.options().grace());
        Path folder = open.resolve(note.updateUid());
        boolean fresh = Files.notExists(folder);
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            note.write(folder.resolve(NOTE));
            Files.deleteIfExists(mark(note.identity()));
            return new RunEvidence(folder, note);
        } catch (IOException e) {
            if (fresh) {
                delete(folder); // The run has no process, and the next attempt has another name.
            }
            throw new UncheckedIOException(e);
        }
    }

    /** What an operator left that died, or had no room, while it began the evidence of a run: it had no process yet. */
    void deleteUnbegun() {
        folders(open).stream().filter(folder -> note(folder).isEmpty()).forEach(EvidenceStore::delete);
    }

    /** No more processes of this run may begin; what can still be of use is kept. */
    public RunEvidence close(RunEvidence evidence) {
        if (evidence.folder().startsWith(closed)) {
            return evidence;
        }
        Path parent = folder(evidence.run().identity());
        Path place = free(parent, evidence.run().updateUid());
        try {
            Files.createDirectories(parent);
            Files.move(evidence.folder(), place, StandardCopyOption.ATOMIC_MOVE);
            prune(parent);
            return new RunEvidence(place, evidence.run());
        } catch (NoSuchFileException e) {
            return new RunEvidence(place, evidence.run());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** None of the run's commands lives any more: a later lock with one of their pids is not the run's. */
    void ended(RunEvidence evidence) {
        ended(evidence, Recovery.Left.UNKNOWN);
    }

    void ended(RunEvidence evidence, Recovery.Left left) {
        try {
            evidence.end(clock.instant());
            if (left == Recovery.Left.OTHERS_LOCKS) {
                evidence.leftNoLock();
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .setCause(e)
                    .addKeyValue("update", evidence.run().update())
                    .log("the end of a run was not written to its evidence");
        }
    }

    /** Runs without an Update, in a namespace that is being deleted, all go by the uid of their Stack. */
    private static Path free(Path parent, String uid) {
        Path place = parent.resolve(uid);
        for (int number = 2; Files.exists(place); number++) {
            place = parent.resolve(uid + "-" + number);
        }
        return place;
    }

    /** The lock of a run that succeeded is gone, and so are those of all runs before. */
    public void forget(String identity) {
        delete(folder(identity));
        delete(mark(identity));
    }

    /**
     * The Stack is gone; its Pulumi stack may live on, with a lock of a dead run that another Stack meets one day. Nothing
     * is kept where it can be seen that there is no such lock. Elsewhere the newest are kept.
     */
    public void depart(StackIdentity stack) {
        String identity = RunRequest.identityKey(stack);
        try {
            List<RunEvidence> runs = of(identity);
            if (runs.isEmpty()) {
                return;
            }
            if (runs.stream().allMatch(this::isOver) && isUnlocked(stack)) {
                forget(identity);
                return;
            }
            Files.createDirectories(departed);
            Path mark = Files.writeString(mark(identity), "");
            Files.setLastModifiedTime(mark, FileTime.from(clock.instant()));
            pruneDeparted();
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("stack", identity).log("evidence of a Stack that is gone is kept");
        }
    }

    /** The same for a Stack of which no run got as far as to establish a Pulumi stack: its notes tell which it tried. */
    public void depart(StackKey stack) {
        closed().stream()
                .map(RunEvidence::run)
                .filter(run -> run.stack().equals(stack))
                .flatMap(run -> run.pulumiStack().stream())
                .distinct()
                .forEach(this::depart);
    }

    /** Stacks that there is evidence of, but for those that are said to have departed. */
    public Set<StackKey> stacks() {
        return closed().stream()
                .map(RunEvidence::run)
                .filter(run -> Files.notExists(mark(run.identity())))
                .map(RunNote::stack)
                .collect(Collectors.toSet());
    }

    private boolean isOver(RunEvidence run) {
        return run.folder().startsWith(closed) && run.living(processes).isEmpty();
    }

    private static boolean isUnlocked(StackIdentity stack) {
        return BackendFiles.of(stack.backend())
                .filter(files -> files.locks(stack).isEmpty())
                .isPresent();
    }

    private void pruneDeparted() {
        List<Path> marks = folders(departed);
        if (marks.size() <= keptDeparted) {
            return;
        }
        marks.stream()
                .sorted(Comparator.comparing(EvidenceStore::modified).reversed())
                .skip(keptDeparted)
                .forEach(mark -> {
                    delete(closed.resolve(mark.getFileName()));
                    delete(mark);
                });
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // It is gone.
        }
    }

    /** Runs whose evidence has not been closed: at the start of an operator, those of the one before. */
    public List<RunEvidence> open() {
        return read(open);
    }

    /** Runs of which no more processes can begin. */
    List<RunEvidence> closed() {
        return folders(closed).stream().flatMap(stack -> read(stack).stream()).toList();
    }

    /** Everything known of earlier and present runs of a Pulumi stack. */
    List<RunEvidence> of(String identity) {
        return Stream.concat(read(folder(identity)).stream(), open().stream())
                .filter(evidence -> evidence.run().identity().equals(identity))
                .toList();
    }

    private List<RunEvidence> read(Path parent) {
        List<RunEvidence> found = new ArrayList<>();
        for (Path folder : folders(parent)) {
            note(folder).ifPresent(note -> found.add(new RunEvidence(folder, note)));
        }
        return found;
    }

    private static Optional<RunNote> note(Path folder) {
        try {
            return RunNote.read(folder.resolve(NOTE));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> folders(Path parent) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent)) {
            folders.forEach(found::add);
        } catch (NoSuchFileException e) {
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** Attempts that come to nothing, while somebody else holds the lock for example, push out no proof. */
    private void prune(Path parent) {
        Map<Boolean, List<RunEvidence>> runs = read(parent).stream()
                .sorted(Comparator.comparing((RunEvidence run) -> run.run().from())
                        .reversed())
                .collect(Collectors.partitioningBy(RunEvidence::mayProve));
        runs.get(false).stream().skip(KEPT).map(RunEvidence::folder).forEach(EvidenceStore::delete);
        runs.get(true).stream().skip(KEPT_PROOFS).forEach(run -> {
            LOG.atWarn()
                    .addKeyValue("update", run.run().update())
                    .log("evidence of a run is dropped, as there is too much; a lock that it left is nobody's now");
            delete(run.folder());
        });
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.atWarn().setCause(e).addKeyValue("folder", folder).log("evidence of a run was not deleted");
        }
    }

    private Path folder(String identity) {
        return closed.resolve(name(identity));
    }

    private Path mark(String identity) {
        return departed.resolve(name(identity));
    }

    /** A URL can hold anything, and be longer than a file name. */
    private static String name(String identity) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
