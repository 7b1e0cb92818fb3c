package io.stackwright.operator.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.stackwright.api.v1alpha1.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PassphraseCrypterTest {

    /** Written by Pulumi CLI 3.250.0 for the passphrase {@code pw}. */
    private static final String CLI_SALT = "v1:3BNIF1OuEqE=:v1:qCcxypWaq60IFGJV:CPPm/WJWnpFDobP5EFVgBfWOUoZC0Q==";

    private static final PassphraseKeys KEYS = new PassphraseKeys(8);

    @Test
    void opensWhatTheCliWrote() {
        // when
        PassphraseCrypter crypter = PassphraseCrypter.open("pw", CLI_SALT, KEYS);

        // then
        assertThat(crypter.encryptionSalt()).isEqualTo(CLI_SALT);
        assertThat(crypter.decrypt(crypter.encrypt("ünï\n\u0000🔑"))).isEqualTo("ünï\n\u0000🔑");
        assertThat(crypter.decrypt(crypter.encrypt(""))).isEmpty();
    }

    @Test
    void refusesAnotherPassphraseWithoutRepeatingIt() {
        assertThatThrownBy(() -> PassphraseCrypter.open("not-the-one", CLI_SALT, KEYS))
                .isInstanceOfSatisfying(EngineException.class, e -> {
                    assertThat(e.failure().kind()).isEqualTo(Failure.Kind.INVALID);
                    assertThat(e.failure().reason()).isEqualTo(Reason.PassphraseIncorrect);
                })
                .hasMessageNotContaining("not-the-one");
    }

    @Test
    void aNewSaltOpensWithItsPassphraseOnly() {
        // given
        PassphraseCrypter created = PassphraseCrypter.create("pässwörd", KEYS);

        // when
        PassphraseCrypter opened = PassphraseCrypter.open("pässwörd", created.encryptionSalt(), KEYS);

        // then
        assertThat(opened.decrypt(created.encrypt("value"))).isEqualTo("value");
        assertThat(created.encrypt("value")).isNotEqualTo(created.encrypt("value"));
        assertThat(PassphraseCrypter.create("pässwörd", KEYS).encryptionSalt()).isNotEqualTo(created.encryptionSalt());
    }

    @Test
    void noticesADamagedValue() {
        // given
        PassphraseCrypter crypter = PassphraseCrypter.open("pw", CLI_SALT, KEYS);
        String value = crypter.encrypt("value");
        String damaged = value.substring(0, value.length() - 6) + "AAAA==";

        // then
        assertThatThrownBy(() -> crypter.decrypt(damaged)).isInstanceOf(EngineException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "v1", "v1:x", "v2:3BNIF1OuEqE=:v1:a:b", "v1:***:v1:a:b", "v1:3BNIF1OuEqE=:nonsense"})
    void refusesWhatIsNoSalt(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PassphraseCrypter.open("pw", text, KEYS));
    }

    @Test
    void remembersTheKeysUsedLast() {
        // given
        byte[] first = {1, 2, 3, 4, 5, 6, 7, 8};
        byte[] second = {8, 7, 6, 5, 4, 3, 2, 1};
        PassphraseKeys two = new PassphraseKeys(2);

        // when
        var key = two.derive("a", first);

        // then
        assertThat(two.derive("a", first)).isSameAs(key);
        assertThat(two.derive("b", first)).isNotEqualTo(key);
        assertThat(two.derive("a", second)).isNotEqualTo(key);
        assertThat(two.size()).isEqualTo(2);
        assertThat(two.derive("a", first)).isNotSameAs(key).isEqualTo(key);
    }
}
