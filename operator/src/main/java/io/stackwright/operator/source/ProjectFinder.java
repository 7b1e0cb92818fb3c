package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.io.IOException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/**
 * Finds a project in a commit that is here. The commit is a stranger's: nothing of it is opened before its size is known,
 * and one object at a time is in memory, in the whole process and however deep the project lies.
 */
final class ProjectFinder {

    private final ObjectReader reader;

    ProjectFinder(ObjectReader reader) {
        this.reader = reader;
    }

    /** The root directory of a commit. */
    ObjectId root(ObjectId commit) throws IOException, SourceException {
        require(commit, Constants.OBJ_COMMIT, "the commit " + commit.name());
        try (UnpackTurn turn = UnpackTurn.take();
                RevWalk walk = new RevWalk(reader)) {
            return walk.parseCommit(commit).getTree().getId();
        }
    }

    /**
     * Finds the project.
     *
     * @param path without a leading or trailing slash; empty for the root
     */
    GitCache.Located find(ObjectId root, String path) throws IOException, SourceException {
        ObjectId directory = path.isEmpty() ? root : directory(root, path);
        String where = path.isEmpty() ? "the root of the repository" : "'" + path + "'";
        Entry file = entry(directory, ProjectFile.FILE_NAME);
        if (file == null) {
            throw new SourceException(
                    Reason.SourceInvalid,
                    "there is no " + ProjectFile.FILE_NAME + " in " + where + "; check spec.project.git.path");
        }
        if (file.mode() != FileMode.REGULAR_FILE && file.mode() != FileMode.EXECUTABLE_FILE) {
            throw new SourceException(
                    Reason.SourceInvalid, ProjectFile.FILE_NAME + " in " + where + " is not a regular file");
        }
        return new GitCache.Located("git-tree:" + directory.name(), ProjectFile.parse(content(file.id())));
    }

    /** Segment by segment: a walk along the whole path would keep all of its directories. */
    private ObjectId directory(ObjectId root, String path) throws IOException, SourceException {
        ObjectId directory = root;
        for (String segment : path.split("/")) {
            Entry next = entry(directory, segment);
            if (next == null || next.mode() != FileMode.TREE) {
                throw new SourceException(
                        Reason.SourceInvalid,
                        "spec.project.git.path '" + path + "' is not a directory of the repository; symbolic links are"
                                + " not followed");
            }
            directory = next.id();
        }
        return directory;
    }

    /** Null when there is none of the name. */
    private Entry entry(ObjectId directory, String name) throws IOException, SourceException {
        require(directory, Constants.OBJ_TREE, "a directory of the repository");
        try (UnpackTurn turn = UnpackTurn.take();
                TreeWalk walk = TreeWalk.forPath(reader, name, directory)) {
            return walk == null ? null : new Entry(walk.getFileMode(0), walk.getObjectId(0));
        }
    }

    private byte[] content(ObjectId file) throws IOException, SourceException {
        if (reader.getObjectSize(file, Constants.OBJ_BLOB) > ProjectFile.MAX_BYTES) {
            throw ProjectFile.tooLarge();
        }
        try (UnpackTurn turn = UnpackTurn.take()) {
            return reader.open(file).getBytes();
        }
    }

    private void require(ObjectId object, int type, String what) throws IOException, SourceException {
        if (reader.getObjectSize(object, type) > PackLimits.STRUCTURE) {
            throw new SourceException(
                    Reason.SourceInvalid,
                    what + " takes more than the " + PackLimits.STRUCTURE + " bytes that the operator accepts");
        }
    }

    private record Entry(FileMode mode, ObjectId id) {}
}
