package io.stackwright.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
        replica: 2                                   | 'replica' not allowed
        image: {repo: x}                             | 'repo' not allowed
        settings: {backend: s3://b}                  | 'backend' not allowed
        metrics: {serviceMonitor: {enable: true}}    | 'enable' not allowed
        replicas: -1                                 | /replicas
        replicas: two                                | /replicas
        image: stackwright                           | /image
        image: {tag: 'a b'}                          | /image/tag
        image: {digest: sha256:abc}                  | /image/digest
        image: {pullPolicy: Sometimes}               | /image/pullPolicy
        imagePullSecrets: [registry]                 | /imagePullSecrets/0
        execution: Pod                               | /execution
        watchNamespaces: team-a                      | /watchNamespaces
        watchNamespaces: [Team_A]                    | /watchNamespaces/0
        watchNamespaces: ['*']                       | /watchNamespaces/0
        clusterWide: 'yes'                           | /clusterWide
        settings: {backendUrl: '/var/state'}         | /settings/backendUrl
        settings: {backendUrl: 'ftp://state'}        | /settings/backendUrl
        settings: {workers: 0}                       | /settings/workers
        settings: {workers: many}                    | /settings/workers
        settings: {pulumi: bin/pulumi}               | /settings/pulumi
        settings: {sourceAllowedHosts: git.internal} | /settings/sourceAllowedHosts
        settings: {sourceMaxBytes: 1GB}              | /settings/sourceMaxBytes
        settings: {sourceTimeout: 2 minutes}         | /settings/sourceTimeout
        settings: {logFormat: xml}                   | /settings/logFormat
        settings: {logLevel: verbose}                | /settings/logLevel
        shutdownGraceSeconds: 5m                     | /shutdownGraceSeconds
        leaderElection: {leaseDuration: ''}          | /leaderElection/leaseDuration
        leaderElection: {enabled: 1}                 | /leaderElection/enabled
        persistence: {size: 8GB}                     | /persistence/size
        persistence: {accessModes: [ReadOnlyMany]}   | /persistence/accessModes/0
        persistence: {existingClaim: My Claim}       | /persistence/existingClaim
        serviceAccount: {annotations: {a: 1}}        | /serviceAccount/annotations/a
        podLabels: [a]                               | /podLabels
        tolerations: {key: a}                        | /tolerations
        resources: small                             | /resources
        podDisruptionBudget: {maxUnavailable: half}  | /podDisruptionBudget/maxUnavailable
        podDisruptionBudget: {maxUnavailable: 0}     | /podDisruptionBudget/maxUnavailable
        podDisruptionBudget: {maxUnavailable: 0%}    | /podDisruptionBudget/maxUnavailable
        podDisruptionBudget: {maxUnavailable: 00%}   | /podDisruptionBudget/maxUnavailable
        podDisruptionBudget: {maxUnavailable: 101%}  | /podDisruptionBudget/maxUnavailable
        metrics: {prometheusRule: {runbookBaseUrl: ''}}     | /metrics/prometheusRule/runbookBaseUrl
        metrics: {prometheusRule: {runbookBaseUrl: 'a: b'}} | /metrics/prometheusRule/runbookBaseUrl
        extraArgs: [log-level=debug]                 | /extraArgs/0
        extraEnv: {A: b}                             | /extraEnv
        {clusterWide: true, watchNamespaces: [a]}    | watchNamespaces:
        {replicas: 2, persistence: {enabled: false}, settings: {backendUrl: 's3://b'}}  | leaderElection.enabled:
        {replicas: 2, leaderElection: {enabled: true}}                   | persistence.enabled:
        persistence: {enabled: false}                                    | settings.backendUrl:
        {persistence: {enabled: false}, settings: {backendUrl: 'file:///tmp'}} | settings.backendUrl:
        serviceAccount: {create: false}                                  | serviceAccount.name:
        commonLabels: {app.kubernetes.io/name: mine}                     | commonLabels:
        podLabels: {app.kubernetes.io/instance: mine}                    | podLabels:
        {commonLabels: {team: a}, podLabels: {team: b}}                  | podLabels:
        """)
    void refusesWithTheNameOfTheValue(String values, String message) throws Exception {
        // given
        Path file = Files.writeString(folder.resolve("values.yaml"), values);

        // then
        assertThatThrownBy(() -> Chart.render(Chart.RELEASE, Chart.NAMESPACE, "default", c -> c.withValuesFile(file)))
                .hasMessageContaining(message);
    }

    @Test
    void productionNeedsABackend() {
        // given
        Path file = Chart.FOLDER.resolve("values-production.yaml");

        // then
        assertThatThrownBy(() -> Chart.render(Chart.RELEASE, Chart.NAMESPACE, "default", c -> c.withValuesFile(file)))
                .hasMessageContaining("settings.backendUrl:");
    }

    /** A value without a schema would take anything; a schema without a value would promise what nobody reads. */
    @Test
    void describesTheValuesThatThereAre() throws Exception {
        // given
        Map<?, ?> values = read("values.yaml");
        Map<?, ?> schema = read("values.schema.json");

        // then
        compare("", values, schema, "global");
    }

    private static void compare(String path, Map<?, ?> values, Map<?, ?> schema, String but) {
        Map<?, ?> properties = (Map<?, ?>) schema.get("properties");
        var known = new TreeSet<>(properties.keySet());
        known.remove(but);
        assertThat(known).as("%s", path).isEqualTo(new TreeSet<>(values.keySet()));
        assertThat(schema.get("additionalProperties")).as("%s", path).isEqualTo(false);
        values.forEach((name, value) -> {
            Map<?, ?> inner = (Map<?, ?>) properties.get(name);
            if (inner.containsKey("properties")) {
                compare(path + "/" + name, (Map<?, ?>) value, inner, "");
            }
        });
    }

    private static Map<?, ?> read(String file) throws IOException {
        return Serialization.unmarshal(Files.readString(Chart.FOLDER.resolve(file)), Map.class);
    }
}
