package io.stackwright.operator.execution.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobBackendsTest {

    private static final String CLAIM = "volumes: [{name: s, persistentVolumeClaim: {claimName: c}}]";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "s3://state| |",
                "https://api.pulumi.com| |",
                "file:///state| /state|" + CLAIM,
                "file:///state/team?no_tmp_dir=true| /state|" + CLAIM,
                "file:///state| /state/|" + CLAIM,
                "file:///a/b| /a|volumes: [{name: s, csi: {driver: d}}]"
            })
    void takesABackendThatOutlivesThePod(String url, String mount, String volumes) {
        assertThat(JobBackends.refusal(
                        url, mount == null ? null : PodTemplateRulesTest.read(template(mount, volumes, false))))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "file:///state| |",
                "file:///state| /other|" + CLAIM,
                "file:///statement| /state|" + CLAIM,
                "file:///state| /state/below|" + CLAIM,
                "file:///state/../etc| /state|" + CLAIM,
                "file:///state| /state|volumes: [{name: s, emptyDir: {}}]",
                "file:///state| /state|volumes: [{name: s, secret: {secretName: c}}]",
                "file:///state| /state|volumes: [{name: other, persistentVolumeClaim: {claimName: c}}]",
                "file://state| /state|" + CLAIM
            })
    void refusesAFolderThatGoesWithThePod(String url, String mount, String volumes) {
        assertThat(JobBackends.refusal(
                        url, mount == null ? null : PodTemplateRulesTest.read(template(mount, volumes, false))))
                .isPresent();
    }

    @ParameterizedTest
    @CsvSource({"file:///state"})
    void refusesAVolumeThatCannotBeWritten(String url) {
        assertThat(JobBackends.refusal(url, PodTemplateRulesTest.read(template("/state", CLAIM, true))))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("persistentVolumeClaim").contains("spec.backend.url"));
    }

    private static String template(String mount, String volumes, boolean readOnly) {
        return "spec: {containers: [{name: pulumi, volumeMounts: [{name: s, mountPath: " + mount + ", readOnly: "
                + readOnly + "}]}], " + volumes + "}";
    }
}
