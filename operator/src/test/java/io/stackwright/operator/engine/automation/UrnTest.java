package io.stackwright.operator.engine.automation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrnTest {

    @ParameterizedTest
    @CsvSource({
        "urn:pulumi:dev::p::aws:s3/bucket:Bucket::logs, aws:s3/bucket:Bucket, logs",
        "urn:pulumi:dev::p::my:index:Site$aws:s3/bucket:Bucket::logs, aws:s3/bucket:Bucket, logs",
        "urn:pulumi:dev::p::a:b:C::with::colons, a:b:C, with::colons",
        "nonsense, '', nonsense",
        "'', '', ''"
    })
    void takesApart(String urn, String type, String name) {
        assertThat(Urn.type(urn)).isEqualTo(type);
        assertThat(Urn.name(urn)).isEqualTo(name);
    }
}
