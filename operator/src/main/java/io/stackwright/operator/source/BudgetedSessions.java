package io.stackwright.operator.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.FtpChannel;
import org.eclipse.jgit.transport.RemoteSession;
import org.eclipse.jgit.transport.RemoteSession2;
import org.eclipse.jgit.transport.SshSessionFactory;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.util.FS;

/** ssh sessions that end with a deadline and carry at most a budget of bytes. */
final class BudgetedSessions extends SshSessionFactory {

    private final SshdSessionFactory sessions;
    private final Deadline deadline;
    private final ByteBudget budget;

    BudgetedSessions(SshdSessionFactory sessions, Deadline deadline, ByteBudget budget) {
        this.sessions = sessions;
        this.deadline = deadline;
        this.budget = budget;
    }

    @Override
    public RemoteSession getSession(URIish uri, CredentialsProvider credentials, FS fs, int timeout)
            throws TransportException {
        Session session = new Session(sessions.getSession(uri, credentials, fs, deadline.remainingMillis()));
        deadline.guard(session::disconnect);
        return session;
    }

    @Override
    public String getType() {
        return sessions.getType();
    }

    private final class Session implements RemoteSession2 {

        private final RemoteSession2 session;
        private final AtomicBoolean connected = new AtomicBoolean(true);

        Session(RemoteSession2 session) {
            this.session = session;
        }

        @Override
        public Process exec(String command, int timeout) throws IOException {
            return new Counted(session.exec(command, timeout));
        }

        @Override
        public Process exec(String command, Map<String, String> environment, int timeout) throws IOException {
            return new Counted(session.exec(command, environment, timeout));
        }

        @Override
        public FtpChannel getFtpChannel() {
            throw new UnsupportedOperationException("only Git's own protocol is used");
        }

        @Override
        public void disconnect() {
            // Both the transport and the deadline do this; the session cannot take it twice.
            if (connected.getAndSet(false)) {
                session.disconnect();
            }
        }
    }

    /** The remote command, with what it sends counted. */
    private final class Counted extends Process {

        private final Process process;
        private final InputStream output;
        private final InputStream errors;

        Counted(Process process) {
            this.process = process;
            this.output = budget.count(process.getInputStream());
            this.errors = budget.count(process.getErrorStream());
        }

        @Override
        public OutputStream getOutputStream() {
            return process.getOutputStream();
        }

        @Override
        public InputStream getInputStream() {
            return output;
        }

        @Override
        public InputStream getErrorStream() {
            return errors;
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public int exitValue() {
            return process.exitValue();
        }

        @Override
        public void destroy() {
            process.destroy();
        }
    }
}
