package io.stackwright.operator.source;

import io.stackwright.testkit.GitServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.keyprovider.KeyPairProvider;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.Command;
import org.apache.sshd.server.shell.ProcessShellCommandFactory;

/** Serves the repositories of a {@link GitServer} over ssh on loopback, to one key. */
public final class SshGitServer implements AutoCloseable {

    private final SshServer server = SshServer.setUpDefaultServer();
    private final KeyPair hostKey;
    private volatile String instead = "";

    public SshGitServer(KeyPair hostKey, PublicKey allowed) {
        this.hostKey = hostKey;
        server.setHost(InetAddress.getLoopbackAddress().getHostAddress());
        server.setKeyPairProvider(KeyPairProvider.wrap(hostKey));
        server.setPublickeyAuthenticator(
                (user, key, session) -> user.equals("git") && KeyUtils.compareKeys(key, allowed));
        // The command is `git-upload-pack '/path'`, which is run as it is.
        server.setCommandFactory((channel, command) -> uploadPack(channel, command));
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on commands are replaced by this one. */
    void run(String command) {
        instead = command;
    }

    private Command uploadPack(org.apache.sshd.server.channel.ChannelSession channel, String command)
            throws IOException {
        if (!command.startsWith("git-upload-pack '")) {
            throw new IOException("not allowed: " + command);
        }
        return ProcessShellCommandFactory.INSTANCE.createCommand(
                channel, instead.isEmpty() ? command.replace("'", "") : instead);
    }

    public int port() {
        return server.getPort();
    }

    public String url(Path repository) {
        return "ssh://git@localhost:" + port() + repository;
    }

    public String knownHosts() {
        return line(hostKey.getPublic());
    }

    String line(PublicKey key) {
        return "# a comment\n[localhost]:" + port() + " " + PublicKeyEntry.toString(key) + "\n";
    }

    /** How many sessions are open. */
    int sessions() {
        return server.getActiveSessions().size();
    }

    @Override
    public void close() {
        try {
            server.stop(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
