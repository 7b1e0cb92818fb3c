package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Reason;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.api.v1alpha1.StackStatus.StackIdentity;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentitiesTest {

    private final Identities identities = new Identities("file:///data/{namespace}", Path.of("/data"), false);

    private static Stack stack(String spec) {
        return Serialization.unmarshal("""
            apiVersion: stackwright.io/v1alpha1
            kind: Stack
            metadata: {name: shop, namespace: team-a}
            spec: %s
            """.formatted(spec), Stack.class);
    }

    @Test
    void defaultsAreTheObjectsNameAndTheOperatorsBackend() {
        // when
        StackIdentity identity = identities.wanted(stack("{project: {inline: {name: p}}}"), "p");

        // then
        assertThat(identity).isEqualTo(new StackIdentity("organization", "p", "shop", "file:///data/team-a", null));
    }

    @Test
    void theSpecNamesOrganizationStackAndBackend() {
        // when
        StackIdentity identity = identities.wanted(
                stack("{stackName: acme/prod, project: {inline: {name: p}}, backend: {url: 's3://b/{namespace}?r=1'}}"),
                "p");

        // then
        assertThat(identity).isEqualTo(new StackIdentity("acme", "p", "prod", "s3://b/team-a?r=1", null));
    }

    @ParameterizedTest
    @CsvSource({
        "other,p,shop,file:///d,organization",
        "acme,q,shop,file:///d,project",
        "acme,p,other,file:///d,stack",
        "acme,p,shop,file:///e,backend"
    })
    void everyDifferenceFromThePinnedIdentityIsNamed(
            String organization, String project, String name, String backend, String named) {
        // given
        StackIdentity pinned = new StackIdentity("acme", "p", "shop", "file:///d", false);

        // when
        var problem = Identities.changed(pinned, new StackIdentity(organization, project, name, backend, null));

        // then
        assertThat(problem).hasValueSatisfying(found -> {
            assertThat(found.reason()).isEqualTo(Reason.IdentityChanged);
            assertThat(found.message()).startsWith(named).contains("put back");
        });
    }

    @Test
    void theSameIdentityIsNoChangeWhetherEstablishedOrNot() {
        // given
        StackIdentity pinned = new StackIdentity("acme", "p", "shop", "file:///d", true);

        // when, then
        assertThat(Identities.changed(pinned, new StackIdentity("acme", "p", "shop", "file:///d", null)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://user:secret@host/path,https://host/path",
        "https://token@host,https://host",
        "s3://bucket/a@b,s3://bucket/a@b",
        "file:///data/state,file:///data/state"
    })
    void credentialsAreNotPartOfTheIdentity(String url, String expected) {
        assertThat(Identities.withoutCredentials(url)).isEqualTo(expected);
    }
}
