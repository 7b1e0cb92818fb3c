package io.stackwright.operator.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsParserTest {

    private static final Path NO_POD = Path.of("/nowhere/namespace");

    @TempDir
    private Path folder;

    @Test
    void nothingGivenMeansTheDocumentedDefaults() {
        // when
        OperatorSettings settings = start(Map.of());

        // then
        assertThat(settings)
                .usingRecursiveComparison()
                .isEqualTo(new OperatorSettings(
                        Path.of("/var/lib/stackwright"),
                        "stackwright-system",
                        Set.of(),
                        "file:///var/lib/stackwright/state/{namespace}",
                        4,
                        "pulumi",
                        8080,
                        Set.of(),
                        128L << 20,
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(5),
                        OperatorSettings.LogFormat.JSON,
                        "info"));
    }

    @Test
    void aFlagWinsOverTheEnvironmentAndThatOverTheDefault() {
        // given
        Map<String, String> environment = Map.of("STACKWRIGHT_WORKERS", "7", "STACKWRIGHT_HTTP_PORT", "9000");

        // when
        Parsed.Start start = (Parsed.Start) parser(environment).parse("--workers", "9", "--log-format=text");

        // then
        assertThat(start.settings().workers()).isEqualTo(9);
        assertThat(start.settings().httpPort()).isEqualTo(9000);
        assertThat(start.table())
                .contains(
                        new EffectiveSetting("workers", "9", "flag"),
                        new EffectiveSetting("http-port", "9000", "environment"),
                        new EffectiveSetting("log-level", "info", "default"))
                .hasSize(Setting.values().length);
    }

    @Test
    void leaderElectionIsASettingWithTimesThatFitEachOther() {
        // when
        Parsed.Start start = (Parsed.Start) parser(Map.of("STACKWRIGHT_LEADER_ELECTION", "true"))
                .parse("--lease-name=mine", "--lease-duration=30s");

        // then
        assertThat(start.settings().leaderElection())
                .hasValue(new OperatorSettings.LeaderElection(
                        "mine", Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(2)));
        assertThat(start(Map.of()).leaderElection()).isEmpty();
    }

    @Test
    void jobsNeedARunnerImageAndHaveDefaultsOfTheirOwn() {
        // when
        Parsed.Start start = (Parsed.Start) parser(Map.of("STACKWRIGHT_EXECUTION", "Job"))
                .parse("--runner-image=registry.example.com/stackwright:1");
        Parsed.Start built = (Parsed.Start) parser(Map.of("STACKWRIGHT_RUNNER_PULL_POLICY", "Always"))
                .parse("--execution=Job", "--runner-image=stackwright:latest");

        // then
        assertThat(start.settings().jobs())
                .hasValue(new OperatorSettings.Jobs(
                        "registry.example.com/stackwright:1", "pulumi/pulumi:3.250.0-nonroot", Duration.ofHours(1)));
        assertThat(start.settings().jobs().get().runnerPullPolicy()).isEqualTo("IfNotPresent");
        assertThat(built.settings().jobs().get().runnerPullPolicy()).isEqualTo("Always");
        assertThat(start.settings().workers()).isEqualTo(64);
        assertThat(start(Map.of("STACKWRIGHT_RUNNER_IMAGE", "i", "STACKWRIGHT_EXECUTION", "Embedded"))
                        .jobs())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--execution=Job, --runner-image",
        "--execution=job, --execution",
        "--execution=Jobs, --execution",
        "--runner-image=--privileged, --runner-image",
        "--job-image=a b, --job-image",
        "--runner-pull-policy=always, --runner-pull-policy",
        "--job-ttl=-1s, --job-ttl",
        "--job-ttl=721h, --job-ttl"
    })
    void jobsThatCouldNotBeMadeAreRefused(String argument, String named) {
        assertThat(parser(Map.of()).parse(argument))
                .isInstanceOfSatisfying(
                        Parsed.Refuse.class,
                        refuse -> assertThat(refuse.problems())
                                .singleElement()
                                .asString()
                                .startsWith(named + ":"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--leader-election=yes",
                "--lease-name=My Lease",
                "--lease-duration=10s",
                "--lease-renew-deadline=15s",
                "--lease-retry-period=9s",
                "--lease-retry-period=0s"
            })
    void leaderElectionThatCouldNotWorkIsRefused(String argument) {
        assertThat(parser(Map.of()).parse(argument))
                .isInstanceOfSatisfying(
                        Parsed.Refuse.class,
                        refuse -> assertThat(refuse.problems()).hasSize(1));
    }

    @Test
    void anEmptyVariableCountsAsNotSet() {
        assertThat(start(Map.of("STACKWRIGHT_WORKERS", "", "STACKWRIGHT_WATCH_NAMESPACES", " ")))
                .satisfies(
                        settings -> assertThat(settings.workers()).isEqualTo(4),
                        settings -> assertThat(settings.watchNamespaces()).isEmpty());
    }

    @Test
    void theNamespaceIsThePodsOwn() throws Exception {
        // given
        Path pod = Files.writeString(folder.resolve("namespace"), "platform\n");

        // when
        Parsed parsed = new SettingsParser(Map.of(), pod, 4).parse();

        // then
        assertThat(((Parsed.Start) parsed).settings().operatorNamespace()).isEqualTo("platform");
    }

    @Test
    void fewProcessorsStillGetTwoWorkers() {
        assertThat(((Parsed.Start) new SettingsParser(Map.of(), NO_POD, 1).parse())
                        .settings()
                        .workers())
                .isEqualTo(2);
    }

    @Test
    void theDefaultBackendFollowsTheDataDirectory() {
        assertThat(start(Map.of(), "--data-dir", "/data/./x").backendUrl())
                .isEqualTo("file:///data/x/state/{namespace}");
    }

    @Test
    void listsAreSplitAndTrimmed() {
        // when
        OperatorSettings settings = start(
                Map.of(), "--watch-namespaces", "team-a, team-b", "--source-allowed-hosts", "Git.local,::1,10.0.0.7");

        // then
        assertThat(settings.watchNamespaces()).containsExactlyInAnyOrder("team-a", "team-b");
        assertThat(settings.sourceAllowedHosts()).containsExactlyInAnyOrder("git.local", "::1", "10.0.0.7");
    }

    @ParameterizedTest
    @CsvSource({"1024,1024", "64Ki,65536", "3Mi,3145728", "16Gi,17179869184"})
    void sizesHaveBinaryUnits(String text, long bytes) {
        assertThat(start(Map.of(), "--source-max-bytes", text).sourceMaxBytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--data-dir=",
                "--operator-namespace=Team_A",
                "--watch-namespaces=a,,b",
                "--backend-url=state",
                "--backend-url=ftp://host/x",
                "--backend-url=file://~",
                "--backend-url=file://relative",
                "--backend-url=s3://state/{stack}",
                "--backend-url=s3://state/{namespace",
                "--backend-url=s3://state?prefix={namespace}/",
                "--workers=0",
                "--workers=257",
                "--workers=two",
                "--pulumi=bin/pulumi",
                "--http-port=-1",
                "--http-port=65536",
                "--source-allowed-hosts=http://git.local",
                "--source-max-bytes=1MB",
                "--source-max-bytes=17Gi",
                "--source-max-bytes=1023",
                "--source-timeout=0s",
                "--source-timeout=90",
                "--shutdown-grace=25h",
                "--log-format=xml",
                "--log-level=INFO"
            })
    void aWrongValueIsRefusedWithWhatIsAllowed(String argument) {
        // when
        Parsed parsed = parser(Map.of()).parse(argument);

        // then
        String[] parts = argument.split("=", 2);
        assertThat(parsed)
                .isInstanceOfSatisfying(
                        Parsed.Refuse.class,
                        refuse -> assertThat(refuse.problems())
                                .singleElement()
                                .asString()
                                .startsWith(parts[0] + ": '" + parts[1] + "' is not allowed; allowed: "));
    }

    @Test
    void allProblemsAreReportedAtOnce() {
        // given
        Map<String, String> environment = Map.of("STACKWRIGHT_WORKER", "3", "STACKWRIGHT_WORKERS", "many");

        // then
        assertThat(problems(environment, "--http-port=x", "--passphrase", "hunter2", "--log-level=loud"))
                .containsExactly(
                        "--passphrase is not a setting; see --help for the ones there are",
                        "the operator takes flags only, and there is an argument that is none; see --help",
                        "environment variable STACKWRIGHT_WORKER is not a setting; see --help for the ones there are",
                        "STACKWRIGHT_WORKERS: 'many' is not allowed; allowed: a whole number from 1 to 256",
                        "--http-port: 'x' is not allowed; allowed: a whole number from 0 to 65535",
                        "--log-level: 'loud' is not allowed; allowed: error, warn, info, debug or trace");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--passphrase=hunter2", "-phunter2", "hunter2", "@hunter2", "--workers-extra=hunter2"})
    void anUnknownArgumentIsRefusedWithoutItsValue(String argument) {
        assertThat(problems(Map.of(), argument))
                .singleElement()
                .asString()
                .contains("--help")
                .doesNotContain("hunter2");
    }

    @Test
    void aFlagNeedsOneValue() {
        assertThat(problems(Map.of(), "--workers")).containsExactly("--workers needs a value");
        assertThat(problems(Map.of(), "--workers", "--http-port=1")).containsExactly("--workers needs a value");
        assertThat(problems(Map.of(), "--workers=2", "--workers=3"))
                .containsExactly("--workers is given more than once");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"file:///state", "s3://b", "gs://b", "azblob://b", "postgres://db/state", "https://api.x.io"})
    void theBackendsOfASpecAreThoseOfTheOperator(String url) {
        assertThat(parser(Map.of()).parse("--backend-url", url)).isInstanceOf(Parsed.Start.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://api.x.io", "postgresql://db/state", "mysql://db", "S3://b", "git://x", "file://~"})
    void whatPulumiCannotUseOrWouldSendInTheClearIsNoBackend(String url) {
        assertThat(problems(Map.of(), "--backend-url", url)).hasSize(1);
    }

    @Test
    void credentialsInTheBackendAreNeverShown() {
        // given
        String url = "postgres://admin:hunter2@db/state?sslmode=require&sslpassword=hunter2&access_token=hunter2";

        // when
        Parsed.Start start = (Parsed.Start) parser(Map.of()).parse("--backend-url", url);

        // then
        assertThat(start.settings().backendUrl()).isEqualTo(url);
        assertThat(start.toString()).contains("***@db/state?sslmode=require").doesNotContain("hunter2");
        assertThat(problems(Map.of(), "--backend-url", url.replace("postgres", "mysql")))
                .singleElement()
                .asString()
                .doesNotContain("hunter2");
    }

    @Test
    void variablesOfServicesAreNotSettings() {
        // given
        Map<String, String> environment = Map.of(
                "STACKWRIGHT_SERVICE_HOST", "10.0.0.1",
                "STACKWRIGHT_SERVICE_PORT", "8080",
                "STACKWRIGHT_SERVICE_PORT_METRICS", "8080",
                "STACKWRIGHT_PORT", "tcp://10.0.0.1:8080",
                "STACKWRIGHT_PORT_8080_TCP_ADDR", "10.0.0.1",
                "STACKWRIGHT_HTTP_SERVICE_HOST", "10.0.0.2",
                "STACKWRIGHT_HTTP_PORT", "tcp://10.0.0.2:8080");

        // then
        assertThat(start(environment).httpPort()).isEqualTo(8080);
        assertThat(problems(Map.of("STACKWRIGHT_PORT", "tcp://10.0.0.1:8080"))).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Setting.class)
    void helpNamesEverySetting(Setting setting) {
        // when
        Parsed parsed = parser(Map.of("STACKWRIGHT_WORKERS", "many")).parse("--help");

        // then
        String text = ((Parsed.Answer) parsed).text().replaceAll("\\s+", " ");
        assertThat(text)
                .contains(setting.flag() + "=" + setting.placeholder())
                .contains("Default: " + setting.defaultText() + ". Environment: " + setting.variable())
                .contains(setting.allowed());
    }

    @Test
    void versionIsTheBuilds() {
        assertThat(parser(Map.of()).parse("--version"))
                .isInstanceOfSatisfying(
                        Parsed.Answer.class,
                        answer -> assertThat(answer.text()).matches("stackwright \\d+\\.\\d+.*\\R"));
    }

    private static SettingsParser parser(Map<String, String> environment) {
        return new SettingsParser(environment, NO_POD, 4);
    }

    private static OperatorSettings start(Map<String, String> environment, String... arguments) {
        return ((Parsed.Start) parser(environment).parse(arguments)).settings();
    }

    private static List<String> problems(Map<String, String> environment, String... arguments) {
        return ((Parsed.Refuse) parser(environment).parse(arguments)).problems();
    }
}
