package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.transport.PackParser;

/**
 * Takes packs in. JGit takes memory for whatever a pack announces, and inflates delta chains in memory: here a pack is on the
 * disk before any of it is unpacked, is refused when it has too much, and one is unpacked at a time in the whole process.
 * JGit closes its inserter before it has to do with the network again, so that nobody waits for a server meanwhile.
 */
final class PackReceiver extends ObjectInserter.Filter {

    private static final String PACK = "incoming_from_network";

    private final ObjectInserter inserter;
    private final Path file;
    private final PackLimits limits;
    private InputStream pack;
    private UnpackTurn turn;

    /** @param directory where a pack is while it is taken in; one at a time */
    PackReceiver(ObjectInserter inserter, Path directory, PackLimits limits) {
        this.inserter = inserter;
        this.file = directory.resolve(PACK);
        this.limits = limits;
    }

    @Override
    protected ObjectInserter delegate() {
        return inserter;
    }

    @Override
    public PackParser newPackParser(InputStream in) throws IOException {
        receive(in);
        takeTurn();
        PackScan.check(file, limits);
        PackParser parser = inserter.newPackParser(pack);
        parser.setMaxObjectSizeLimit(limits.object());
        return parser;
    }

    private void receive(InputStream in) throws IOException {
        discard();
        Files.deleteIfExists(file);
        try (OutputStream out = SourceFiles.create(file, false)) {
            pack = Files.newInputStream(file);
            in.transferTo(out);
        }
    }

    private void takeTurn() throws IOException {
        if (turn == null) {
            turn = UnpackTurn.take();
        }
    }

    private void discard() throws IOException {
        if (pack != null) {
            pack.close();
            pack = null;
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void close() {
        super.close();
        if (turn != null) {
            turn.close();
            turn = null;
        }
        try {
            discard();
        } catch (IOException e) {
            // What is left of it goes with the next download.
        }
    }
}
