package io.stackwright.operator.execution.job;

import io.stackwright.operator.execution.runner.EncryptionMaterial;
import io.stackwright.operator.source.StackKey;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What the operator gave the Job to encrypt with; a salt that is to be kept goes back before anything is done with it. */
final class CapturedEncryption implements EncryptionMaterial {

    private final Material material;
    private final ResultSecret result;
    private final Patience patience;

    CapturedEncryption(Material material, ResultSecret result, Patience patience) {
        this.material = material;
        this.result = result;
        this.patience = patience;
    }

    @Override
    public Material of(Holder holder, Optional<String> given, boolean used) {
        return material;
    }

    @Override
    public void keep(Holder holder, boolean given, String encryptionSalt) {
        patience.insist(
                "keeping the encryption salt",
                () -> result.put(RunObjects.ENCRYPTION_SALT, encryptionSalt.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public boolean isUsed(StackKey stack) {
        throw new UnsupportedOperationException("the operator does this");
    }

    @Override
    public void delete(Holder holder) {
        throw new UnsupportedOperationException("the operator does this");
    }

    @Override
    public void release(Holder holder) {
        throw new UnsupportedOperationException("the operator does this");
    }
}
