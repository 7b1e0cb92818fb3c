package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.GitSource;
import io.stackwright.api.v1alpha1.Reason;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Repository;

/**
 * What a Stack follows in a repository.
 *
 * @param kind what {@code name} names
 * @param name branch, tag or commit; empty for the remote's HEAD
 * @param path directory of Pulumi.yaml, with slashes, without a leading or trailing one; empty for the root
 */
record GitWant(Kind kind, String name, String path) {

    enum Kind {
        HEAD,
        BRANCH,
        TAG,
        COMMIT
    }

    private static final Pattern COMMIT_ID = Pattern.compile("^[0-9a-f]{40}$");
    private static final Pattern REF = Pattern.compile("^[A-Za-z0-9_][A-Za-z0-9_./+@-]{0,254}$");
    private static final int MAX_PATH = 1024;

    static GitWant of(GitSource source) throws SourceException {
        String path = path(source.path());
        int set = count(source.branch()) + count(source.tag()) + count(source.commit());
        if (set > 1) {
            throw invalid("at most one of spec.project.git.branch, tag and commit may be set");
        }
        if (source.commit() != null) {
            if (!COMMIT_ID.matcher(source.commit()).matches()) {
                throw invalid("spec.project.git.commit must be a full SHA-1 of 40 hexadecimal digits");
            }
            return new GitWant(Kind.COMMIT, source.commit(), path);
        }
        if (source.branch() != null) {
            return new GitWant(Kind.BRANCH, ref("branch", "refs/heads/", source.branch()), path);
        }
        if (source.tag() != null) {
            return new GitWant(Kind.TAG, ref("tag", "refs/tags/", source.tag()), path);
        }
        return new GitWant(Kind.HEAD, "", path);
    }

    /** The spec's field that chose this, for messages. */
    String field() {
        return switch (kind) {
            case HEAD -> "the remote's HEAD";
            case BRANCH -> "spec.project.git.branch '" + name + "'";
            case TAG -> "spec.project.git.tag '" + name + "'";
            case COMMIT -> "spec.project.git.commit " + name;
        };
    }

    private static int count(String value) {
        return value == null ? 0 : 1;
    }

    private static String ref(String field, String prefix, String name) throws SourceException {
        if (!REF.matcher(name).matches() || !Repository.isValidRefName(prefix + name)) {
            throw invalid("spec.project.git." + field + " is not a legal name of a " + field);
        }
        return name;
    }

    /** The directory, normalised; a path that leaves the repository or names Git's own files is refused. */
    static String path(String path) throws SourceException {
        if (path == null) {
            return "";
        }
        if (path.startsWith("/")
                || path.indexOf('\\') >= 0
                || path.length() > MAX_PATH
                || path.chars().anyMatch(c -> c < ' ')) {
            throw invalid("spec.project.git.path must be a relative path with forward slashes");
        }
        StringBuilder normal = new StringBuilder();
        for (String segment : path.split("/")) {
            if (segment.isEmpty() || segment.equals(".")) {
                continue;
            }
            if (segment.equals("..") || segment.equalsIgnoreCase(".git")) {
                throw invalid("spec.project.git.path must stay inside the repository");
            }
            normal.append(normal.isEmpty() ? "" : "/").append(segment);
        }
        return normal.toString();
    }

    private static SourceException invalid(String message) {
        return new SourceException(Reason.SourceInvalid, message);
    }
}
