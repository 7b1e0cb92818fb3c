package io.stackwright.operator.source;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;

/**
 * The ssh sessions of one operation on one repository: the Secret's key, the Secret's known hosts, and nothing from
 * the machine; no agent, no configuration, no file. All of it stays in memory.
 */
final class SshAccess {

    private static final String REVOKED = "revoked";

    private final GitUrl url;
    private final List<KeyPair> keys = new ArrayList<>();
    private final List<KnownHostEntry> knownHosts;
    private final AddressRules rules;
    private final NetworkTrace trace;

    /**
     * Reads key and known hosts.
     *
     * @throws IOException when one of them is unreadable; its message has no content
     */
    SshAccess(GitUrl url, GitCredentials credentials, AddressRules rules, NetworkTrace trace) throws IOException {
        this.url = url;
        this.rules = rules;
        this.trace = trace;
        readKeys(credentials);
        this.knownHosts = readKnownHosts(credentials);
    }

    /** @param nowhere a directory that JGit may believe to be the home; nothing is read from or written to it */
    SshdSessionFactory sessions(Path nowhere) {
        File home = nowhere.toFile();
        return new SshdSessionFactoryBuilder()
                .setHomeDirectory(home)
                .setSshDirectory(home)
                .setPreferredAuthentications("publickey")
                .setConfigFile(directory -> null)
                .setConfigStoreFactory((directory, file, user) -> null)
                .setDefaultKnownHostsFiles(directory -> List.of())
                .setDefaultIdentities(directory -> List.of())
                .setDefaultKeysProvider(directory -> keys)
                .setConnectorFactory(null)
                .setServerKeyDatabase((directory, sshDirectory) -> new Known())
                .build(null);
    }

    private void readKeys(GitCredentials credentials) throws IOException {
        String password = credentials.identityPassword();
        FilePasswordProvider passwords =
                password.isEmpty() ? FilePasswordProvider.EMPTY : FilePasswordProvider.of(password);
        try (ByteArrayInputStream in = new ByteArrayInputStream(credentials.identity())) {
            Iterable<KeyPair> pairs =
                    SecurityUtils.loadKeyPairIdentities(null, NamedResource.ofName("identity"), in, passwords);
            if (pairs != null) {
                pairs.forEach(keys::add);
            }
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The cause may quote the key: it stays out.
            throw unreadableKey(credentials);
        }
        if (keys.isEmpty()) {
            throw unreadableKey(credentials);
        }
    }

    private static IOException unreadableKey(GitCredentials credentials) {
        return new IOException(
                "the ssh key in " + credentials.description() + " cannot be read; it must be a private key"
                        + " in OpenSSH or PEM format, with the key password holding the passphrase if it is encrypted");
    }

    private static List<KnownHostEntry> readKnownHosts(GitCredentials credentials) throws IOException {
        try (ByteArrayInputStream in = new ByteArrayInputStream(credentials.knownHosts())) {
            return KnownHostEntry.readKnownHostEntries(in, true);
        } catch (IOException | RuntimeException e) {
            throw new IOException("known_hosts in " + credentials.description()
                    + " cannot be read; it must have the lines of ssh-keyscan");
        }
    }

    /** Strict: a key that is not listed for the host is refused, and nothing is ever added. */
    private final class Known implements ServerKeyDatabase {

        @Override
        public List<PublicKey> lookup(String connectAddress, InetSocketAddress remote, Configuration config) {
            return keys(false);
        }

        @Override
        public boolean accept(
                String connectAddress,
                InetSocketAddress remote,
                PublicKey serverKey,
                Configuration config,
                CredentialsProvider provider) {
            if (remote != null && remote.getAddress() != null) {
                try {
                    rules.check(url.host(), url.port(), remote.getAddress());
                } catch (BlockedAddressException e) {
                    trace.refused(e.getMessage());
                    return false;
                }
            }
            boolean known = contains(keys(false), serverKey) && !contains(keys(true), serverKey);
            if (!known) {
                trace.untrusted("the host key of " + url.host()
                        + " is not the one in known_hosts; compare `ssh-keyscan` with what the server's owner says");
            }
            return known;
        }

        private boolean contains(List<PublicKey> keys, PublicKey key) {
            return keys.stream().anyMatch(candidate -> KeyUtils.compareKeys(candidate, key));
        }

        private List<PublicKey> keys(boolean revoked) {
            List<PublicKey> found = new ArrayList<>();
            for (KnownHostEntry entry : knownHosts) {
                String marker = entry.getMarker();
                boolean wanted = revoked ? REVOKED.equals(marker) : marker == null || marker.isEmpty();
                if (wanted && entry.isHostMatch(hostName(), url.port())) {
                    try {
                        found.add(entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING));
                    } catch (IOException | GeneralSecurityException e) {
                        // A line of a type this Java does not know matches no key.
                    }
                }
            }
            found.removeIf(key -> key == null);
            return found;
        }

        private String hostName() {
            return url.host().replace("[", "").replace("]", "");
        }
    }
}
