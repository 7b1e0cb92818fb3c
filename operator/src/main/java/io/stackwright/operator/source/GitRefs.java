package io.stackwright.operator.source;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;

/**
 * Branches and tags of a remote at one moment, tags peeled.
 *
 * @param targets full name to commit
 * @param head what the remote's HEAD points to: a full branch name, or empty when it is detached or absent
 */
record GitRefs(Map<String, ObjectId> targets, String head) {

    private static final int SMALL = 1000;

    static GitRefs of(Collection<Ref> advertised) {
        Map<String, ObjectId> targets = new HashMap<>();
        String head = "";
        for (Ref ref : advertised) {
            ObjectId id = ref.getPeeledObjectId() != null ? ref.getPeeledObjectId() : ref.getObjectId();
            if (id == null) {
                continue;
            }
            targets.put(ref.getName(), id.copy());
            if (ref.getName().equals(Constants.HEAD) && ref.isSymbolic()) {
                head = ref.getTarget().getName();
            }
        }
        return new GitRefs(Map.copyOf(targets), head);
    }

    /** Whether it costs little to keep it: large ones of many repositories would fill the memory. */
    boolean isSmall() {
        return targets.size() <= SMALL;
    }

    Optional<ObjectId> target(GitWant want) {
        return Optional.ofNullable(
                switch (want.kind()) {
                    case HEAD -> targets.get(Constants.HEAD);
                    case BRANCH -> targets.get(Constants.R_HEADS + want.name());
                    case TAG -> targets.get(Constants.R_TAGS + want.name());
                    case COMMIT -> ObjectId.fromString(want.name());
                });
    }

    /** How people read a commit that was found through {@code want}. */
    String describe(GitWant want, ObjectId commit) {
        String name = want.kind() == GitWant.Kind.HEAD ? headName() : want.name();
        return want.kind() == GitWant.Kind.COMMIT ? "sha1:" + commit.name() : name + "@sha1:" + commit.name();
    }

    private String headName() {
        return head.startsWith(Constants.R_HEADS) ? head.substring(Constants.R_HEADS.length()) : Constants.HEAD;
    }
}
