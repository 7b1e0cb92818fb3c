package io.stackwright.operator.execution.runner;

import com.fasterxml.jackson.databind.JsonNode;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.engine.Failure;
import io.stackwright.operator.engine.PassphraseCrypter;
import io.stackwright.operator.engine.PassphraseKeys;
import io.stackwright.operator.engine.Workspace;
import io.stackwright.operator.execution.RunRequest;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Material;
import io.stackwright.operator.inputs.InputsException;
import io.stackwright.operator.inputs.StackSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * The {@code Pulumi.<stack>.yaml} of one run: configuration with every secret encrypted by us, so that nothing plain is
 * on disk or on a command line.
 *
 * <p>The salt is the one that is kept; before that the one of a committed file; for a stack that existed, the one of
 * its state; for a new one, what Pulumi makes when it creates the stack.
 */
final class SettingsFile {

    private final RunRequest request;
    private final EncryptionMaterial.Holder holder;
    private final EncryptionMaterial encryption;
    private final Material material;
    private final PassphraseKeys keys;
    private StackSettings settings;
    private String salt;

    SettingsFile(
            RunRequest request,
            EncryptionMaterial.Holder holder,
            EncryptionMaterial encryption,
            Material material,
            PassphraseKeys keys) {
        this.request = request;
        this.holder = holder;
        this.encryption = encryption;
        this.material = material;
        this.keys = keys;
    }

    /** The stack's passphrase. */
    String passphrase() {
        return material.passphrase();
    }

    /** Reads what the source brought, and refuses configuration that does not fit, before anything is created. */
    void load(Workspace workspace, String runtime) {
        try {
            Path committed = file(workspace);
            String project = request.identity().project();
            if (Files.exists(committed)) {
                StackSettings.checkFileSize(Files.size(committed));
                settings = StackSettings.over(project, Files.readString(committed));
            } else {
                settings = StackSettings.fresh(project);
            }
            settings.checkSize(runtime, request.inputs());
        } catch (InputsException e) {
            throw invalid(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is a salt to write; if not, the creation of the stack puts one into the file. */
    boolean hasSalt() {
        return knownSalt().isPresent();
    }

    /** Writes the file over the one that the source or the creation of the stack brought, if any. */
    void write(Workspace workspace) {
        render(
                workspace,
                knownSalt()
                        .orElseGet(() -> PassphraseCrypter.create(material.passphrase(), keys)
                                .encryptionSalt()));
    }

    private Optional<String> knownSalt() {
        return material.encryptionSalt().or(settings::committedSalt);
    }

    boolean isWritten() {
        return salt != null;
    }

    /** The stack existed before: what its state is encrypted with must stay. */
    void adopt(Workspace workspace, JsonNode deployment) {
        String existing = deployment
                .path("deployment")
                .path("secrets_providers")
                .path("state")
                .path("salt")
                .asText("");
        if (!existing.isEmpty() && !keepsSalt()) {
            render(workspace, existing);
        }
    }

    /** Whether an earlier run has kept a salt. */
    boolean keepsSalt() {
        return material.encryptionSalt().isPresent();
    }

    /** Whether what is kept tells of a stack that is there, made for this Stack or for one that was lost. */
    boolean tellsOfStack() {
        return keepsSalt() && !material.letGo();
    }

    /** Keeps the salt that was written, and what it belongs to, for this Stack. */
    void keepSalt() {
        if (!keepsSalt() || !material.held()) {
            encryption.keep(holder, request.inputs().passphrase().isPresent(), salt);
        }
    }

    /** What a Stack that was lost has kept is this one's from now on, as its Pulumi stack is: it goes with that. */
    void takeOverSalt() {
        if (!material.held()) {
            material.encryptionSalt()
                    .ifPresent(kept -> encryption.keep(
                            holder, request.inputs().passphrase().isPresent(), kept));
        }
    }

    /** Opens the salt for the first secret only: deriving its key takes a processor a second. */
    private void render(Workspace workspace, String with) {
        salt = with;
        try {
            String text =
                    settings.render(request.inputs(), salt, plain -> crypter().encrypt(plain));
            Path file = file(workspace);
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, text);
        } catch (InputsException e) {
            throw invalid(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private PassphraseCrypter crypter() {
        try {
            return PassphraseCrypter.open(material.passphrase(), salt, keys);
        } catch (IllegalArgumentException e) {
            throw new EngineException(
                    new Failure(
                            Failure.Kind.INVALID,
                            Reason.PassphraseIncorrect,
                            "the encryptionsalt is not one of Pulumi"),
                    e);
        }
    }

    private static Path file(Workspace workspace) {
        return workspace.directory().resolve("Pulumi." + workspace.stack().name() + ".yaml");
    }

    private static EngineException invalid(InputsException e) {
        return new EngineException(new Failure(Failure.Kind.INVALID, e.reason(), e.getMessage()), e);
    }
}
