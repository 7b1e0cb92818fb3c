package io.stackwright.operator.execution.runner;

import io.stackwright.operator.engine.PassphraseKeys;
import io.stackwright.operator.execution.RunRequest;

/** Opens the stack settings file of a run together with what its secrets are encrypted with. */
public final class SettingsFiles {

    private final EncryptionMaterial encryption;
    private final PassphraseKeys keys;

    public SettingsFiles(EncryptionMaterial encryption, PassphraseKeys keys) {
        this.encryption = encryption;
        this.keys = keys;
    }

    SettingsFile open(RunRequest request) {
        EncryptionMaterial.Holder holder = new EncryptionMaterial.Holder(
                request.run().stack(), request.run().stackUid());
        boolean used = request.identity().adopted() != null;
        return new SettingsFile(
                request,
                holder,
                encryption,
                encryption.of(holder, request.inputs().passphrase(), used),
                keys);
    }
}
