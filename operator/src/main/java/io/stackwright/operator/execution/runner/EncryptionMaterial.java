package io.stackwright.operator.execution.runner;

import io.stackwright.operator.source.StackKey;
import java.util.Optional;

/** Keeps what a Stack's secrets are encrypted with, for as long as the Pulumi stack exists. */
public interface EncryptionMaterial {

    /**
     * The Stack that something is kept for.
     *
     * @param uid tells it from an earlier Stack of the same name
     */
    record Holder(StackKey stack, String uid) {}

    /**
     * The Stack's passphrase and salt.
     *
     * @param given the passphrase that the Stack refers to; one is generated and stored when it gives none
     * @param used whether something may be encrypted already: then nothing is generated any more
     */
    Material of(Holder holder, Optional<String> given, boolean used);

    /** Stores the salt, once, and holds on to what is kept until this Stack lets it go. */
    void keep(Holder holder, boolean given, String encryptionSalt);

    /**
     * Whether a Pulumi stack was made with what is kept for a Stack of this name, and no Stack has destroyed it or let it
     * go since: then it is there, whatever has become of that Stack.
     */
    boolean isUsed(StackKey stack);

    /**
     * Removes what this very Stack holds; only after its Pulumi stack is gone, or if it never had one. What was released
     * before stays all the same: a Pulumi stack may need it that this Stack never had.
     */
    void delete(Holder holder);

    /** Hands what is kept for a Stack of this name over to people, for good: the Stack goes, the Pulumi stack stays. */
    void release(Holder holder);

    /**
     * Passphrase and salt.
     *
     * @param passphrase never empty
     * @param encryptionSalt Pulumi's {@code encryptionsalt}; empty before the first run
     * @param held whether it is kept for this very Stack
     * @param letGo whether the Stack that it was kept for has destroyed its Pulumi stack or let it go, and no other has
     *     taken it up since: the salt is no sign then that this Stack has anything
     */
    record Material(String passphrase, Optional<String> encryptionSalt, boolean held, boolean letGo) {
        @Override
        public String toString() {
            return "Material";
        }
    }
}
