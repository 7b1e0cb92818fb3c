package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.eclipse.jgit.lib.ObjectId;

/**
 * What is known of one (repository, credential), and who wants to know. Guarded by the {@link GitPoller}'s lock, except
 * for {@link #look}, which only one thread runs at a time.
 */
final class GitWatch {

    /** A Stack's interest. */
    record Registration(GitWant want, Duration interval) {}

    /** What a look found out: the remote's refs if they were listed, and an answer for each want. */
    record Findings(
            Optional<GitRefs> refs,
            Map<GitWant, SourceState> answers,
            Map<GitWant, ObjectId> commits,
            boolean unavailable) {}

    private final GitKey key;
    private final GitCredentials credentials;
    private final GitCache cache;
    private final Map<StackKey, Registration> stacks = new HashMap<>();
    private Map<GitWant, SourceState> answers = new HashMap<>();
    private Map<GitWant, ObjectId> commits = new HashMap<>();
    private Optional<GitRefs> refs = Optional.empty();

    /** When it could last be reached, by the clock. */
    Instant goodAt;

    // Plans, kept by the poller, in a time that only goes forward.
    Instant listAt;
    Instant listedAt = Instant.EPOCH;
    Instant startedAt = Instant.EPOCH;
    boolean running;
    int failures;
    long ticket;
    final Asks asks = new Asks();

    GitWatch(GitKey key, GitCredentials credentials, GitCache cache, Instant now, Instant timeOfDay) {
        this.key = key;
        this.credentials = credentials;
        this.cache = cache;
        this.goodAt = timeOfDay;
        this.listAt = now;
    }

    GitKey key() {
        return key;
    }

    GitCache cache() {
        return cache;
    }

    void join(StackKey stack, Registration registration) {
        stacks.put(stack, registration);
    }

    void leave(StackKey stack) {
        stacks.remove(stack);
        asks.forget(stack);
    }

    boolean isUnused() {
        return stacks.isEmpty();
    }

    /** Whose Stacks follow it. */
    Set<String> namespaces() {
        Set<String> namespaces = new TreeSet<>();
        stacks.keySet().forEach(stack -> namespaces.add(stack.namespace()));
        return namespaces;
    }

    boolean isFollowedFrom(String namespace) {
        return stacks.keySet().stream().anyMatch(stack -> stack.namespace().equals(namespace));
    }

    /** Whether it was ever looked at. */
    boolean wasStarted() {
        return !startedAt.equals(Instant.EPOCH);
    }

    /** Whether no look can tell more: a commit that is known does not move. */
    boolean isFinal(GitWant want) {
        return want.kind() == GitWant.Kind.COMMIT
                && answers.get(want) instanceof SourceState.Resolved known
                && known.unavailableSince().isEmpty();
    }

    SourceState answer(GitWant want) {
        return answers.getOrDefault(want, new SourceState.Pending());
    }

    Set<GitWant> wants() {
        Set<GitWant> wants = new HashSet<>();
        stacks.values().forEach(registration -> wants.add(registration.want()));
        return wants;
    }

    boolean hasUnanswered() {
        return !answers.keySet().containsAll(wants());
    }

    /** Whether nothing can change any more: only commits are wanted, and all are known. */
    boolean isSettled() {
        return wants().stream().allMatch(this::isFinal);
    }

    Duration interval() {
        return stacks.values().stream()
                .map(Registration::interval)
                .min(Duration::compareTo)
                .orElse(GitPoller.DEFAULT_INTERVAL);
    }

    /** Takes findings over; returns the Stacks whose answer changed. */
    List<StackKey> adopt(Findings findings) {
        List<StackKey> changed = new ArrayList<>();
        stacks.forEach((stack, registration) -> {
            SourceState now = findings.answers().get(registration.want());
            if (now != null && !now.equals(answers.get(registration.want()))) {
                changed.add(stack);
            }
        });
        Set<GitWant> wanted = wants();
        answers = new HashMap<>(answers);
        answers.putAll(findings.answers());
        answers.keySet().retainAll(wanted);
        commits = new HashMap<>(commits);
        commits.putAll(findings.commits());
        commits.keySet().retainAll(wanted);
        findings.refs().ifPresent(listed -> refs = Optional.of(listed).filter(GitRefs::isSmall));
        return changed;
    }

    /**
     * Blocks: lists the remote if asked to or necessary, and downloads what is new.
     *
     * @param wants what to look for
     * @param list whether to list even if an earlier listing is there
     */
    Findings look(Set<GitWant> wants, boolean list) {
        Findings findings = new Findings(Optional.empty(), new HashMap<>(), new HashMap<>(), false);
        boolean needsRefs = wants.stream().anyMatch(want -> want.kind() != GitWant.Kind.COMMIT);
        Optional<GitRefs> listed = refs;
        SourceException problem = null;
        if (needsRefs && (list || listed.isEmpty())) {
            try {
                listed = Optional.of(cache.list(key.url(), credentials));
                findings = new Findings(listed, findings.answers(), findings.commits(), false);
            } catch (SourceException e) {
                problem = e;
            }
        }
        boolean unavailable = false;
        for (GitWant want : wants) {
            SourceException failure = problem;
            if (problem == null || want.kind() == GitWant.Kind.COMMIT) {
                try {
                    failure = null;
                    locate(want, listed.orElse(new GitRefs(Map.of(), "")), findings);
                } catch (SourceException e) {
                    failure = e;
                }
            }
            if (failure != null) {
                findings.answers().put(want, failed(want, failure));
                unavailable |= failure.reason() == Reason.SourceUnavailable;
            }
        }
        return new Findings(findings.refs(), findings.answers(), findings.commits(), unavailable);
    }

    /** What to answer after a look that should not have failed as it did. */
    Findings broken(Set<GitWant> wants) {
        SourceException mistake = new SourceException(
                Reason.InternalError, "looking at " + key.url() + " failed in the operator; its log says how");
        Map<GitWant, SourceState> failed = new HashMap<>();
        wants.forEach(want -> failed.put(want, failed(want, mistake)));
        return new Findings(Optional.empty(), failed, Map.of(), true);
    }

    private void locate(GitWant want, GitRefs listed, Findings findings) throws SourceException {
        ObjectId commit = listed.target(want)
                .orElseThrow(() ->
                        new SourceException(Reason.SourceInvalid, want.field() + " does not exist in " + key.url()));
        findings.commits().put(want, commit);
        SourceState before = answers.get(want);
        if (commit.equals(commits.get(want)) && before instanceof SourceState.Resolved known) {
            findings.answers().put(want, new SourceState.Resolved(known.revision()));
            return;
        }
        GitCache.Located located = cache.locate(key.url(), credentials, commit, want.path());
        findings.answers()
                .put(
                        want,
                        new SourceState.Resolved(new Revision(
                                listed.describe(want, commit),
                                located.digest(),
                                located.file().name(),
                                located.file().runtime())));
    }

    /** A revision that is known stays known while the remote is away, but not when the remote says no. */
    private SourceState failed(GitWant want, SourceException e) {
        if (!e.reason().stalls() && answers.get(want) instanceof SourceState.Resolved known) {
            return new SourceState.Resolved(
                    known.revision(), known.unavailableSince().or(() -> Optional.of(goodAt)), e.getMessage());
        }
        return new SourceState.Unresolved(e.reason(), e.getMessage());
    }
}
