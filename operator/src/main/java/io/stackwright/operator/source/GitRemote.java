package io.stackwright.operator.source;

import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.telemetry.Metrics.SourceKind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.apache.sshd.common.SshException;
import org.eclipse.jgit.errors.NoRemoteRepositoryException;
import org.eclipse.jgit.errors.TooLargeObjectInPackException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectIdRef;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.RefUpdate;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.PackLock;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;

/** Talks to remote repositories, within limits; every failure gets its reason and a message without credentials. */
final class GitRemote {

    /** Enough for some hundred thousand branches and tags; less with a small heap, where a listing takes three times that. */
    private static final long MAX_LISTING = Math.clamp(Runtime.getRuntime().maxMemory() / 32, 1L << 20, 32L << 20);

    private static final String NO_SUCH_REFS = "refs/stackwright-none/";
    private static final int NO_MORE_LOGIN_METHODS = 14;
    private static final String INCOMPLETE = "unresolved deltas";
    private static final List<String> UNKNOWN_COMMIT = List.of("not our ref", "not valid", "unadvertised object");

    private final AddressRules rules;
    private final Duration timeout;
    private final long maxBytes;
    private final ScheduledExecutorService timer;
    private final FetchListener listener;

    GitRemote(
            AddressRules rules,
            Duration timeout,
            long maxBytes,
            ScheduledExecutorService timer,
            FetchListener listener) {
        this.listener = listener;
        this.rules = rules;
        this.timeout = timeout;
        this.maxBytes = maxBytes;
        this.timer = timer;
    }

    /** Reads branches and tags. */
    GitRefs list(Repository cache, GitUrl url, GitCredentials credentials) throws SourceException {
        try (ListingTurn turn = new ListingTurn(timeout)) {
            return run(cache, url, credentials, new ByteBudget(MAX_LISTING, turn::read), (transport, limits) -> {
                try (FetchConnection connection =
                        transport.openFetch(List.of(), Constants.HEAD, Constants.R_HEADS, Constants.R_TAGS)) {
                    return GitRefs.of(connection.getRefs());
                }
            });
        }
    }

    /** Downloads exactly one commit, without history. */
    void download(Repository cache, GitUrl url, GitCredentials credentials, ObjectId commit) throws SourceException {
        run(cache, url, credentials, new ByteBudget(maxBytes, received -> {}), (transport, limits) -> {
            transport.setDepth(1);
            // A difference to a file that is here already would have all of that file in memory, however large it is.
            transport.setFetchThin(false);
            Ref exactly = new ObjectIdRef.Unpeeled(Ref.Storage.NETWORK, commit.name(), commit);
            // Without a prefix the server would list every branch, tag and pull request once more.
            try (FetchConnection connection = transport.openFetch(List.of(), NO_SUCH_REFS)) {
                connection.fetch(new DownloadMonitor(limits.deadline(), limits.budget()), Set.of(exactly), Set.of());
                keep(cache, commit);
                for (PackLock pack : connection.getPackLocks()) {
                    pack.unlock();
                }
            }
            return null;
        });
    }

    /** The cache says by a ref which commits it has. */
    private static void keep(Repository cache, ObjectId commit) throws IOException {
        RefUpdate update = cache.updateRef(GitCache.KEPT + commit.name());
        update.setNewObjectId(commit);
        update.forceUpdate();
    }

    private <T> T run(
            Repository cache, GitUrl url, GitCredentials credentials, ByteBudget budget, Operation<T> operation)
            throws SourceException {
        boolean succeeded = false;
        long start = System.nanoTime();
        try (Deadline deadline = new Deadline(timeout, timer)) {
            Limits limits = new Limits(deadline, budget, new NetworkTrace());
            try {
                rules.check(url.host(), url.port());
                T result = switch (url.scheme()) {
                    case HTTPS -> overHttps(cache, url, credentials, limits, operation);
                    case SSH -> overSsh(cache, url, credentials, limits, operation);
                };
                succeeded = true;
                return result;
            } catch (IOException | URISyntaxException | RuntimeException e) {
                throw failure(url, credentials, limits, e);
            }
        } finally {
            listener.fetched(SourceKind.Git, succeeded, Duration.ofNanos(System.nanoTime() - start));
        }
    }

    private <T> T overHttps(
            Repository cache, GitUrl url, GitCredentials credentials, Limits limits, Operation<T> operation)
            throws IOException, URISyntaxException {
        HttpsAccess access;
        try {
            access = new HttpsAccess(url, credentials, rules, limits.deadline(), limits.budget(), limits.trace());
        } catch (GeneralSecurityException | IOException e) {
            limits.trace()
                    .untrusted("ca.crt in " + credentials.description()
                            + " cannot be read; it must hold PEM certificates");
            throw new IOException(e);
        }
        try (Transport transport = Transport.open(cache, new URIish(url.text()))) {
            ((TransportHttp) transport).setHttpConnectionFactory(access);
            return operation.run(transport, limits);
        }
    }

    private <T> T overSsh(
            Repository cache, GitUrl url, GitCredentials credentials, Limits limits, Operation<T> operation)
            throws IOException, URISyntaxException {
        SshAccess access;
        try {
            access = new SshAccess(url, credentials, rules, limits.trace());
        } catch (IOException e) {
            limits.trace().untrusted(e.getMessage());
            throw e;
        }
        Path nowhere = cache.getDirectory().toPath().resolve("no-home");
        try (SshdSessionFactory sessions = access.sessions(nowhere);
                Transport transport = Transport.open(cache, new URIish(url.text()))) {
            ((SshTransport) transport)
                    .setSshSessionFactory(new BudgetedSessions(sessions, limits.deadline(), limits.budget()));
            return operation.run(transport, limits);
        }
    }

    private SourceException failure(GitUrl url, GitCredentials credentials, Limits met, Exception e) {
        NetworkTrace trace = met.trace();
        if (e instanceof BlockedAddressException || !trace.refusal().isEmpty()) {
            String why = trace.refusal().isEmpty() ? e.getMessage() : trace.refusal();
            return new SourceException(Reason.SourceNotAllowed, url + ": " + why);
        }
        if (!trace.untrusted().isEmpty()) {
            return new SourceException(Reason.SourceAuthenticationFailed, url + ": " + trace.untrusted());
        }
        if (has(e, CertificateException.class)
                || has(e, CertPathBuilderException.class)
                || has(e, CertPathValidatorException.class)) {
            return new SourceException(
                    Reason.SourceAuthenticationFailed,
                    url + ": the server's certificate is not trusted or not made for " + url.host()
                            + "; put the authority's certificate into the key ca.crt of the Secret in"
                            + " spec.project.git.secretRef");
        }
        Optional<String> tooMuch = causes(e)
                .filter(PackTooLargeException.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst();
        if (tooMuch.isPresent()) {
            return new SourceException(
                    Reason.SourceInvalid,
                    url + " sends " + tooMuch.get() + "; keep out of the repository what no program needs");
        }
        if (met.budget().exceeded() || has(e, TooLargeObjectInPackException.class)) {
            return new SourceException(
                    Reason.SourceInvalid,
                    url + " sends more than the " + met.budget().bytes() + " bytes that the operator accepts");
        }
        if (met.deadline().expired()) {
            return unavailable(url, "did not finish within " + timeout.toMillis() + " ms");
        }
        if (loginRefused(e)) {
            return refusedCredentials(url, credentials, "refuses the login");
        }
        return byStatus(url, credentials, trace, e);
    }

    private SourceException byStatus(GitUrl url, GitCredentials credentials, NetworkTrace trace, Throwable e) {
        int status = trace.status();
        if (status == 429 || status >= 500 || (status == 403 && trace.rateLimited())) {
            return unavailable(url, "answers with status " + status);
        }
        if (status == 401 || status == 403) {
            return refusedCredentials(url, credentials, "answers with status " + status);
        }
        if (status == 404 || status == 410 || has(e, NoRemoteRepositoryException.class)) {
            return new SourceException(
                    Reason.SourceInvalid,
                    url + " does not exist, or may not be read with " + credentials.description()
                            + "; check spec.project.git.url and secretRef");
        }
        if (!trace.noGit().isEmpty()) {
            return new SourceException(Reason.SourceInvalid, url + ": " + trace.noGit());
        }
        if (status >= 300 && status < 400) {
            return new SourceException(
                    Reason.SourceNotAllowed,
                    url + " redirects to an address that is not followed; put the right one into spec.project.git.url");
        }
        if (status >= 400) {
            return new SourceException(
                    Reason.SourceInvalid,
                    url + " answers with status " + status + ", which is not that of a Git server");
        }
        if (messages(e).anyMatch(message -> UNKNOWN_COMMIT.stream().anyMatch(message::contains))) {
            return new SourceException(Reason.SourceInvalid, url + " has no such commit, or does not serve it");
        }
        if (messages(e).anyMatch(message -> message.contains(INCOMPLETE))) {
            return new SourceException(
                    Reason.SourceInvalid,
                    url + " sends differences to files that are not in the same download, which it was not asked for");
        }
        return unavailable(url, trouble(e));
    }

    private static String trouble(Throwable e) {
        if (has(e, UnknownHostException.class)) {
            return "cannot be reached: its host name is unknown";
        }
        if (has(e, ConnectException.class)) {
            return "cannot be reached: the connection is refused";
        }
        return "cannot be read: the connection failed";
    }

    private static SourceException refusedCredentials(GitUrl url, GitCredentials credentials, String what) {
        return new SourceException(
                Reason.SourceAuthenticationFailed,
                url + " " + what + " with " + credentials.description() + "; check spec.project.git.secretRef");
    }

    private static SourceException unavailable(GitUrl url, String what) {
        return new SourceException(Reason.SourceUnavailable, url + " " + what);
    }

    private static boolean loginRefused(Throwable e) {
        return causes(e)
                .anyMatch(
                        cause -> cause instanceof SshException ssh && ssh.getDisconnectCode() == NO_MORE_LOGIN_METHODS);
    }

    private static boolean has(Throwable e, Class<? extends Throwable> type) {
        return causes(e).anyMatch(type::isInstance);
    }

    private static Stream<Throwable> causes(Throwable e) {
        return Stream.iterate(e, cause -> cause != null, Throwable::getCause).limit(20);
    }

    private static Stream<String> messages(Throwable e) {
        return causes(e)
                .map(Throwable::getMessage)
                .filter(message -> message != null)
                .map(message -> message.toLowerCase(Locale.ROOT));
    }

    /** What is done with an open transport. */
    private interface Operation<T> {
        T run(Transport transport, Limits limits) throws IOException;
    }

    /** What bounds one operation, and what it met. */
    private record Limits(Deadline deadline, ByteBudget budget, NetworkTrace trace) {}
}
