package io.stackwright.operator.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.stackwright.api.v1alpha1.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GitUrlTest {

    @ParameterizedTest
    @CsvSource({
        "https://github.com/acme/infra.git, HTTPS, '', github.com, 443, https://github.com/acme/infra.git",
        "HTTPS://git.acme.local:8443/x, HTTPS, '', git.acme.local, 8443, https://git.acme.local:8443/x",
        "https://[fd00::7]:8443/x, HTTPS, '', [fd00::7], 8443, https://[fd00::7]:8443/x",
        "ssh://git@github.com/acme/infra.git, SSH, git, github.com, 22, ssh://git@github.com/acme/infra.git",
        "ssh://github.com:2222/acme/infra.git, SSH, git, github.com, 2222, ssh://git@github.com:2222/acme/infra.git",
        "git@github.com:acme/infra.git, SSH, git, github.com, 22, git@github.com:acme/infra.git",
    })
    void acceptsHttpsAndSsh(String text, GitUrl.Scheme scheme, String user, String host, int port, String shown)
            throws SourceException {
        // when
        GitUrl url = GitUrl.parse(text);

        // then
        assertThat(url).isEqualTo(new GitUrl(scheme, user, host, port, shown));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ext::sh -c 'touch PWNED'",
                "ext::sh",
                "--upload-pack=touch PWNED",
                "--upload-pack=touch",
                "file:///etc",
                "/etc",
                "./x",
                "C:\\repo",
                "ssh://-oProxyCommand=touch%20PWNED/x",
                "ssh://-oProxyCommand=x@host/x",
                "-oProxyCommand=x@host:x",
                "git@-host:x",
                "git@host:-x",
                "http://github.com/acme/infra.git",
                "http://169.254.169.254/latest/meta-data",
                "git://github.com/acme/infra.git",
                "ftp://github.com/x",
                "jar:https://host/x!/y",
                "https:///x",
                "https://host",
                "https://host/",
                "https://host:0/x",
                "https://host:99999/x",
                "https://ho st/x",
                "https://host/x\ny",
                "https://host/x\u0000y",
                "https://host/x?a=b",
                "https://host/x#y",
                "https://host\\@evil/x",
                "https://%2d%2d/x",
                "ssh://us er@host/x",
                "",
            })
    void refusesEverythingElse(String text) {
        // when
        SourceException e = catchThrowableOfType(SourceException.class, () -> GitUrl.parse(text));

        // then
        assertThat(e).as(text).isNotNull();
        assertThat(e.reason()).isEqualTo(Reason.SourceNotAllowed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://user:CANARY@host/x",
                "https://CANARY@host/x",
                "ssh://git:CANARY@host/x",
                "https://user:CANARY@ho st/x",
                "http://user:CANARY@host/x",
                "https://user:CANARY@host:port/x",
            })
    void doesNotRepeatCredentials(String text) {
        // when
        SourceException e = catchThrowableOfType(SourceException.class, () -> GitUrl.parse(text));

        // then
        assertThat(e).isNotNull();
        assertThat(e.reason()).isEqualTo(Reason.SourceNotAllowed);
        assertThat(e).hasNoCause();
        assertThat(e.getMessage()).contains("spec.project.git.url").doesNotContain("CANARY");
    }
}
