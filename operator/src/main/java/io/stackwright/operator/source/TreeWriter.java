package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectChecker;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.AbstractTreeIterator;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Writes a Git tree into a directory byte for byte: no hooks, filters, attributes, line ending conversion or
 * submodules. The tree may be hostile: names, links, sizes and the number of entries are checked.
 */
final class TreeWriter {

    private static final int MAX_PATH = 2000;
    private static final int MAX_LINK = 4000;

    /** Of all directories together, with room for all entries that there may be: a walk keeps those that it is in. */
    private static final long MAX_DIRECTORIES = 2L * PackLimits.STRUCTURE;

    private final ObjectReader reader;
    private final ObjectChecker names = new ObjectChecker();
    private final long maxBytes;
    private final int maxEntries;
    private final Map<String, String> links = new LinkedHashMap<>();
    private long bytes;
    private long directories;
    private int entries;

    TreeWriter(ObjectReader reader, long maxBytes, int maxEntries) {
        this.reader = reader;
        this.maxBytes = maxBytes;
        this.maxEntries = maxEntries;
    }

    /**
     * Writes the tree.
     *
     * @param target does not exist yet
     * @throws SourceException {@code SourceInvalid} when the tree must not be written
     */
    void write(ObjectId tree, Path target) throws IOException, SourceException {
        SourceFiles.createDirectory(target);
        try (TreeWalk walk = new TreeWalk(reader)) {
            enter(tree, () -> walk.addTree(tree));
            while (walk.next()) {
                Path file = target.resolve(checkedPath(walk));
                entry(walk, file);
            }
        }
        writeLinks(target);
    }

    private String checkedPath(TreeWalk walk) throws SourceException {
        if (++entries > maxEntries) {
            throw invalid("has more than " + maxEntries + " files and directories");
        }
        // The path as a string has one segment per level only if no name has a slash: the raw name is looked at.
        AbstractTreeIterator entry = walk.getTree(0, AbstractTreeIterator.class);
        byte[] name = new byte[entry.getNameLength()];
        entry.getName(name, 0);
        try {
            names.checkPathSegment(name, 0, name.length);
        } catch (CorruptObjectException e) {
            throw invalid("has an illegal file name");
        }
        String path = walk.getPathString();
        if (path.length() > MAX_PATH) {
            throw invalid("has a path longer than " + MAX_PATH + " characters");
        }
        try {
            Path.of(path);
        } catch (InvalidPathException e) {
            throw invalid("has a file name that the operator's file system cannot hold");
        }
        return path;
    }

    private void entry(TreeWalk walk, Path file) throws IOException, SourceException {
        FileMode mode = walk.getFileMode(0);
        if (mode == FileMode.TREE) {
            makeDirectory(file);
            enter(walk.getObjectId(0), walk::enterSubtree);
        } else if (mode == FileMode.REGULAR_FILE || mode == FileMode.EXECUTABLE_FILE) {
            copy(walk.getObjectId(0), file, mode == FileMode.EXECUTABLE_FILE);
        } else if (mode == FileMode.SYMLINK) {
            links.put(walk.getPathString(), linkTarget(walk.getObjectId(0)));
        } else if (mode == FileMode.GITLINK) {
            // A submodule is not fetched; like an uninitialised one it is an empty directory.
            makeDirectory(file);
        } else {
            throw invalid("has an entry that is neither file, directory nor symbolic link");
        }
    }

    private void enter(ObjectId directory, Opening opening) throws IOException, SourceException {
        long size = reader.getObjectSize(directory, Constants.OBJ_TREE);
        directories += size;
        if (size > PackLimits.STRUCTURE || directories > MAX_DIRECTORIES) {
            throw invalid("has directories of more than " + MAX_DIRECTORIES + " bytes, or one of more than "
                    + PackLimits.STRUCTURE + " bytes");
        }
        try (UnpackTurn turn = UnpackTurn.take()) {
            opening.run();
        }
    }

    private void makeDirectory(Path directory) throws IOException, SourceException {
        if (Files.exists(directory, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw invalid("has two entries of one name");
        }
        SourceFiles.createDirectory(directory);
    }

    private void copy(ObjectId blob, Path file, boolean executable) throws IOException, SourceException {
        count(blob);
        if (Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw invalid("has two entries of one name");
        }
        try (OutputStream out = SourceFiles.create(file, executable);
                UnpackTurn turn = UnpackTurn.take()) {
            reader.open(blob).copyTo(out);
        }
    }

    /** Its size, which counts; it is known without opening the file. */
    private long count(ObjectId blob) throws IOException, SourceException {
        long size = reader.getObjectSize(blob, Constants.OBJ_BLOB);
        bytes += size;
        if (bytes > maxBytes) {
            throw invalid("is larger than the " + maxBytes + " bytes that the operator accepts");
        }
        return size;
    }

    private String linkTarget(ObjectId blob) throws IOException, SourceException {
        long size = count(blob);
        if (size > MAX_LINK || size == 0) {
            throw invalid("has a symbolic link with an illegal target");
        }
        try (UnpackTurn turn = UnpackTurn.take()) {
            return new String(reader.open(blob).getBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Last, so that nothing can be written through a link. */
    private void writeLinks(Path target) throws IOException, SourceException {
        Optional<String> escaping = SymlinkRules.escaping(links);
        if (escaping.isPresent()) {
            throw invalid("has a symbolic link that leaves it or never ends: " + printable(escaping.get()));
        }
        for (Map.Entry<String, String> link : links.entrySet()) {
            Path file = target.resolve(link.getKey());
            if (Files.exists(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                throw invalid("has two entries of one name");
            }
            try {
                Files.createSymbolicLink(file, Path.of(link.getValue()));
            } catch (InvalidPathException e) {
                throw invalid("has a symbolic link with an illegal target");
            }
        }
    }

    private static String printable(String path) {
        return path.replaceAll("\\p{Cntrl}", "?");
    }

    private static SourceException invalid(String why) {
        return new SourceException(Reason.SourceInvalid, "the repository's tree " + why);
    }

    /** Reads a directory. */
    private interface Opening {
        void run() throws IOException;
    }
}
