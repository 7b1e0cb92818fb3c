package io.stackwright.operator.execution.job;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * The run's input Secret, as it is mounted.
 *
 * @param run what is to be done
 * @param server URL of the API server
 * @param ca its certificate authorities, PEM; empty for those of the Java runtime
 * @param token the run's own
 */
record InputFolder(RunInput run, String server, byte[] ca, String token) {

    /** @throws IOException when something is missing or not understood */
    static InputFolder read(Path folder) throws IOException {
        Path ca = folder.resolve(RunObjects.CA);
        return new InputFolder(
                RunInput.read(Files.readAllBytes(folder.resolve(RunObjects.RUN))),
                Files.readString(folder.resolve(RunObjects.SERVER)).strip(),
                Files.exists(ca) ? Files.readAllBytes(ca) : new byte[0],
                Files.readString(folder.resolve(RunObjects.TOKEN)).strip());
    }

    /** Nothing of the pod's own: its ServiceAccount is the tenant's. */
    Config client() {
        ConfigBuilder config =
                new ConfigBuilder(Config.empty()).withMasterUrl(server).withOauthToken(token);
        if (ca.length > 0) {
            config.withCaCertData(Base64.getEncoder().encodeToString(ca));
        }
        return config.build();
    }

    /** Holds secrets. */
    @Override
    public String toString() {
        return "InputFolder[" + run + "]";
    }
}
