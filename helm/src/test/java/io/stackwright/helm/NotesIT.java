package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.InstallCommand;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.stackwright.api.v1alpha1.Stack;
import io.stackwright.testkit.ControlPlane;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What Helm prints after an install: the next commands, which differ where runs are Jobs. */
class NotesIT {

    private static final ControlPlane PLANE = ControlPlane.shared();
    private static final Pattern STACK = Pattern.compile("(?s)<<'STACK'\\n(.*?)\\n *STACK\\n");

    @Test
    void anOperatorThatRunsPulumiItselfNeedsNothingElse() {
        // when
        String notes = Chart.notes("default", PLANE.kubeconfig(), install -> install);

        // then
        assertThat(notes)
                .contains("rollout status statefulset/stackwright\n\nThen apply")
                .contains("kubectl --namespace operators apply", "kubectl --namespace operators get stack hello")
                .contains("Programs run in the operator's pod")
                .doesNotContain("create secret", "job/");
        assertThat(first(notes).getSpec().envFrom()).isNull();
    }

    @Test
    void runsThatAreJobsNeedCredentialsForTheBackend() {
        // when
        String notes = Chart.notes("production", PLANE.kubeconfig(), install -> install);

        // then
        assertThat(notes)
                .contains("rollout status statefulset/stackwright\n\nRuns are Jobs")
                .contains("kubectl --namespace default create secret generic backend ")
                .contains("kubectl --namespace default logs job/hello-1")
                .doesNotContain("Programs run in the operator's pod", "s3://state", "imagePullSecrets");
        assertThat(first(notes).getSpec().envFrom())
                .singleElement()
                .satisfies(from -> assertThat(from.secretRef().name()).isEqualTo("backend"));
    }

    /** Pull secrets do not reach other namespaces, and each Job pulls the operator's image. */
    @Test
    void podsOfJobsNeedPullSecretsOfTheirOwn() {
        // when
        String ofJobs = Chart.notes("production", PLANE.kubeconfig(), NotesIT::pulled);
        String embedded = Chart.notes("default", PLANE.kubeconfig(), NotesIT::pulled);

        // then
        assertThat(ofJobs)
                .contains("The pods of Jobs pull registry.example.com/stackwright:0.1.0@sha256:")
                .contains("imagePullSecrets of this\nrelease are the operator's alone");
        assertThat(embedded).doesNotContain("imagePullSecrets");
    }

    private static InstallCommand pulled(InstallCommand install) {
        return install.set("image.repository", "registry.example.com/stackwright")
                .set("image.tag", "0.1.0")
                .set("imagePullSecrets[0].name", "registry");
    }

    private static Stack first(String notes) {
        Matcher found = STACK.matcher(notes);
        assertThat(found.find()).as(notes).isTrue();
        return Serialization.unmarshal(found.group(1).stripIndent(), Stack.class);
    }
}
