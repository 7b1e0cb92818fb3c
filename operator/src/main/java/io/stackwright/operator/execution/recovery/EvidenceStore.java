package io.stackwright.operator.execution.recovery;

import io.stackwright.operator.engine.processes.LinuxProcesses;
import io.stackwright.operator.execution.RunRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evidence of runs, in the data directory.
 *
 * <p>{@code open/<update uid>} is where a run's processes write themselves down; {@code closed/<stack>/<update uid>} is
 * what remains once no more of them can start: the move takes the folder away from under a process that is about to
 * begin, and one that cannot write itself down does not run. Evidence is kept until a run of the same Pulumi stack
 * succeeds, because by then no lock of the earlier ones is left.
 */
public final class EvidenceStore {

    private static final Logger LOG = LoggerFactory.getLogger(EvidenceStore.class);
    private static final String NOTE = "run.json";
    private static final String OPEN = "evidence/open";
    private static final String CLOSED = "evidence/closed";

    /** Failed runs in a row whose evidence is kept. */
    private static final int KEPT = 50;

    private final Path open;
    private final Path closed;
    private final LinuxProcesses processes;
    private final Clock clock;

    /** @param data the operator's data directory, which it holds alone */
    public EvidenceStore(Path data, LinuxProcesses processes, Clock clock) {
        this.open = data.toAbsolutePath().normalize().resolve(OPEN);
        this.closed = data.toAbsolutePath().normalize().resolve(CLOSED);
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
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            note.write(folder.resolve(NOTE));
            return new RunEvidence(folder, note);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** No more processes of this run may begin; what can still be of use is kept. */
    public RunEvidence close(RunEvidence evidence) {
        Path place = folder(evidence.run().identity()).resolve(evidence.run().updateUid());
        try {
            Files.createDirectories(place.getParent());
            Files.move(evidence.folder(), place, StandardCopyOption.ATOMIC_MOVE);
            prune(place.getParent());
            return new RunEvidence(place, evidence.run());
        } catch (NoSuchFileException e) {
            return new RunEvidence(place, evidence.run());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lock of a run that succeeded is gone, and so are those of all runs before. */
    public void forget(String identity) {
        delete(folder(identity));
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
            return Optional.of(RunNote.read(folder.resolve(NOTE)));
        } catch (IOException e) {
            return Optional.empty(); // The run did not get as far as to have a process.
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

    private static void prune(Path parent) {
        folders(parent).stream()
                .sorted(Comparator.comparing(
                                (Path folder) -> note(folder).map(RunNote::from).orElse(java.time.Instant.EPOCH))
                        .reversed())
                .skip(KEPT)
                .forEach(EvidenceStore::delete);
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

    /** A URL can hold anything, and be longer than a file name. */
    private Path folder(String identity) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.UTF_8));
            return closed.resolve(HexFormat.of().formatHex(digest, 0, 12));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
