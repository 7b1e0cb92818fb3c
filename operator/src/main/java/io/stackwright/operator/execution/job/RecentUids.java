package io.stackwright.operator.execution.job;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Uids of Updates that something was done for: of so many that the oldest, which are forgotten, do not come again. */
final class RecentUids {

    private static final int MOST = 10_000;

    private final Set<String> uids = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST;
        }
    });

    /** False when it is there already. */
    boolean add(String uid) {
        return uids.add(uid);
    }

    boolean contains(String uid) {
        return uids.contains(uid);
    }

    void remove(String uid) {
        uids.remove(uid);
    }
}
