package io.stackwright.operator.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.stackwright.api.v1alpha1.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedBackendsTest {

    @ParameterizedTest
    @CsvSource({
        "s3://state/{namespace}?region=x, s3://state/b",
        "s3://state/{namespace}, s3://state/b/",
        "s3://state/{namespace}, s3://state/b/deeper?region=x",
        "s3://state/{namespace}, s3://state//b",
        "s3://state/{namespace}, s3://state/a/../b",
        "s3://state/{namespace}, s3://state/%62",
        "s3://state/{namespace}, s3://state/a%2f..%2Fb",
        "s3://state/{namespace}, s3://state/a2",
        "s3://state/{namespace}, s3://state",
        "s3://state/{namespace}, s3://state/..",
        "s3://state/x/team-{namespace}/y, s3://state/x/team-b/y",
        "s3://state/x/team-{namespace}/y, s3://state/x/team-a",
        "s3://state-{namespace}, s3://state-b",
        "s3://state-{namespace}/x, s3://state-a/y",
        "gs://{namespace}, gs://b",
        "postgres://db.example.com/state_{namespace}, postgres://db.example.com/state_b",
        "postgres://db.example.com/state_{namespace}, postgres://db.example.com:5432/state_b",
        "postgres://db.example.com/state_{namespace}, postgres://DB.example.com/state_b",
        "postgres://db.example.com:5432/state_{namespace}, postgres://me:pw@db.example.com/state_b"
    })
    void thePlacesOfOtherNamespacesAreNotTaken(String defaultUrl, String url) {
        assertThat(new SharedBackends(defaultUrl).problem("a", url))
                .hasValueSatisfying(problem -> assertThat(problem.reason()).isEqualTo(Reason.InvalidSpec));
    }

    @ParameterizedTest
    @CsvSource({
        "s3://state/{namespace}?region=x, s3://state/a",
        "s3://state/{namespace}, s3://state/a/deeper?region=x",
        "s3://state/{namespace}, s3://state/b/../a",
        "s3://state/{namespace}, s3://state2/b",
        "s3://state/{namespace}, gs://state/b",
        "s3://state/{namespace}, file:///state/b",
        "s3://state/x/{namespace}, s3://state/y/b",
        "s3://state/x/{namespace}, s3://state/%zz",
        "s3://state-{namespace}, s3://other",
        "s3://state, s3://state",
        "postgres://db.example.com/state_{namespace}, postgres://db.example.com:5433/state_b",
        "postgres://db.example.com/state_{namespace}, postgres://db.example.com:5432/state_a"
    })
    void theRestIs(String defaultUrl, String url) {
        assertThat(new SharedBackends(defaultUrl).problem("a", url)).isEmpty();
    }
}
