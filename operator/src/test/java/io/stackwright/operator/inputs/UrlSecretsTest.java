package io.stackwright.operator.inputs;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UrlSecretsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres://app:s3cret@db/state             | app:s3cret s3cret",
                "https://t0ken@host/simple                  | t0ken",
                "postgres://app:p%40ss+w@db/state           | app:p%40ss+w p%40ss+w p@ss+w",
                "azblob://state?storage_account=a&sig=abc%3D | abc%3D abc=",
                "s3://b?awssdk=v2&secret_access_key=xyz#end | xyz",
                "http://u:one@a.test,http://u:two@b.test     | u:one one u:two two",
                "https://u:100%@host/                        | u:100% 100%"
            })
    void ofUrlsWithCredentials(String url, String secrets) {
        assertThat(UrlSecrets.of(url)).contains(secrets.split(" ")).doesNotContain("app", "u", "v2", "a");
    }

    @Test
    void ofUrlsWithout() {
        assertThat(UrlSecrets.of("s3://state/{namespace}?region=eu-west-1")).isEmpty();
        assertThat(UrlSecrets.of("file:///data/a@b:c")).isEmpty();
        assertThat(UrlSecrets.of("localhost,127.0.0.1")).isEmpty();
    }
}
