package io.stackwright.operator.execution.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.operator.engine.EngineException;
import io.stackwright.operator.execution.runner.EncryptionMaterial.Holder;
import io.stackwright.operator.source.StackKey;
import io.stackwright.testkit.ControlPlane;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PassphraseSecretsIT {

    private final KubernetesClient client = ControlPlane.shared().client();
    private final PassphraseSecrets secrets = new PassphraseSecrets(client);
    private String namespace;
    private Holder shop;

    @BeforeEach
    void newNamespace() {
        namespace = ControlPlane.shared().createNamespace("passphrases");
        shop = new Holder(new StackKey(namespace, "shop"), "uid-1");
    }

    private Secret kept(String name) {
        return client.secrets().inNamespace(namespace).withName(name).get();
    }

    @Test
    void aPassphraseIsGeneratedOnceAndKept() {
        // when
        String first = secrets.of(shop, Optional.empty(), false).passphrase();
        secrets.keep(shop, false, "v1:salt");
        var again = secrets.of(shop, Optional.empty(), true);

        // then
        assertThat(first).hasSizeGreaterThan(40);
        assertThat(again.passphrase()).isEqualTo(first);
        assertThat(again.encryptionSalt()).contains("v1:salt");
        assertThat(again.held()).isTrue();
    }

    @Test
    void aSaltIsKeptOnce() {
        // given
        secrets.of(shop, Optional.empty(), false);
        secrets.keep(shop, false, "v1:first");

        // when
        secrets.keep(shop, false, "v1:second");

        // then
        assertThat(secrets.of(shop, Optional.empty(), true).encryptionSalt()).contains("v1:first");
    }

    @Test
    void aPassphraseThatWasUsedIsNeverMadeAnew() {
        // given nothing is kept, though a stack is encrypted with it
        assertThatThrownBy(() -> secrets.of(shop, Optional.empty(), true))
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().reason()).isEqualTo(Reason.InputsInvalid);
                    assertThat(e.failure().message()).contains("shop-passphrase", "backup", "stackwright.io/reconcile");
                });
        assertThat(kept("shop-passphrase")).isNull();
    }

    @Test
    void aGivenPassphraseIsNotStoredButItsSaltIs() {
        // when
        var material = secrets.of(shop, Optional.of("given"), false);
        secrets.keep(shop, true, "v1:salt");

        // then
        assertThat(material.passphrase()).isEqualTo("given");
        assertThat(kept("shop-passphrase")).isNull();
        assertThat(kept("shop-encryptionsalt").getData()).containsOnlyKeys("encryptionsalt");
    }

    /** The stack may be encrypted with it before anything else is written of it. */
    @Test
    void aFinalizerHoldsItFromTheBeginning() {
        // when
        secrets.of(shop, Optional.empty(), false);
        secrets.keep(shop, true, "v1:salt");

        // then
        assertThat(kept("shop-passphrase").getMetadata().getFinalizers()).containsExactly("stackwright.io/passphrase");
        assertThat(kept("shop-encryptionsalt").getMetadata().getFinalizers())
                .containsExactly("stackwright.io/passphrase");
    }

    @Test
    void itGoesWithTheStackThatHoldsIt() {
        // given
        secrets.of(shop, Optional.empty(), false);

        // when
        secrets.delete(shop);

        // then
        assertThat(kept("shop-passphrase")).isNull();
    }

    @Test
    void aRetainedPassphraseOutlivesANamesakeThatNeverRan() {
        // given a Stack that went with Retain
        String passphrase = secrets.of(shop, Optional.empty(), false).passphrase();
        secrets.release(shop);

        // when another Stack of that name is deleted without having kept anything
        Holder namesake = new Holder(shop.stack(), "uid-2");
        secrets.delete(namesake);

        // then
        assertThat(secrets.of(shop, Optional.empty(), true).passphrase()).isEqualTo(passphrase);
    }

    @Test
    void aNamesakeThatTakesTheStackUpHoldsItsPassphrase() {
        // given
        String passphrase = secrets.of(shop, Optional.empty(), false).passphrase();
        secrets.release(shop);
        Holder namesake = new Holder(shop.stack(), "uid-2");

        // when
        var taken = secrets.of(namesake, Optional.empty(), false);
        secrets.keep(namesake, false, "v1:salt");

        // then
        assertThat(taken.passphrase()).isEqualTo(passphrase);
        assertThat(taken.held()).isFalse();
        assertThat(taken.letGo()).isTrue();
        assertThat(secrets.of(namesake, Optional.empty(), true).held()).isTrue();
        assertThat(secrets.of(namesake, Optional.empty(), true).letGo()).isFalse();
        assertThat(kept("shop-passphrase").getMetadata().getFinalizers()).containsExactly("stackwright.io/passphrase");
    }

    @Test
    void aRetainedPassphraseOutlivesANamesakeThatIsDestroyed() {
        // given a Stack that went with Retain
        String passphrase = secrets.of(shop, Optional.empty(), false).passphrase();
        secrets.keep(shop, false, "v1:salt");
        secrets.release(shop);

        // when one of that name, which may mean another Pulumi stack, encrypts with it and is destroyed
        Holder namesake = new Holder(shop.stack(), "uid-2");
        secrets.of(namesake, Optional.empty(), false);
        secrets.keep(namesake, false, "v1:other");
        secrets.delete(namesake);

        // then what is needed to read the retained state is there, and counts as nobody's trace
        var kept = secrets.of(shop, Optional.empty(), true);
        assertThat(kept.passphrase()).isEqualTo(passphrase);
        assertThat(kept.encryptionSalt()).contains("v1:salt");
        assertThat(kept("shop-passphrase").getMetadata().getFinalizers()).isEmpty();
        assertThat(secrets.isUsed(shop.stack())).isFalse();
    }

    @Test
    void whatALostStackHadIsRetainedByTheOneThatWasRestoredInItsPlace() {
        // given one that went without letting go, and another object that never ran
        secrets.of(shop, Optional.empty(), false);
        secrets.keep(shop, false, "v1:salt");
        Holder restored = new Holder(shop.stack(), "uid-2");

        assertThat(secrets.of(restored, Optional.empty(), false).letGo()).isFalse();
        assertThat(secrets.of(restored, Optional.of("given"), false).letGo()).isFalse();

        // when that goes with Retain, and a third one runs and is destroyed
        secrets.release(restored);
        boolean used = secrets.isUsed(shop.stack());
        Holder third = new Holder(shop.stack(), "uid-3");
        secrets.keep(third, false, "v1:other");
        secrets.delete(third);

        // then
        assertThat(used).isFalse();
        assertThat(kept("shop-passphrase")).isNotNull();
    }

    @Test
    void somebodyElsesSecretIsNeverUsed() {
        // given
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("shop-passphrase")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData("passphrase", "theirs")
                        .build())
                .create();

        // when, then
        assertThatThrownBy(() -> secrets.of(shop, Optional.empty(), false))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.failure().message())
                                .contains("was not made by Stackwright")
                                .doesNotContain("theirs"));
        assertThatThrownBy(() -> secrets.keep(shop, false, "v1:salt")).isInstanceOf(EngineException.class);
        secrets.release(shop);
        secrets.delete(shop);
        assertThat(kept("shop-passphrase").getData()).containsOnlyKeys("passphrase");
        assertThat(kept("shop-passphrase").getMetadata().getAnnotations()).isNullOrEmpty();
        assertThat(kept("shop-passphrase").getMetadata().getFinalizers()).isEmpty();
    }
}
