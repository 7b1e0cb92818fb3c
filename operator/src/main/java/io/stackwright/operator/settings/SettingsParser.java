package io.stackwright.operator.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import picocli.CommandLine;

/**
 * Reads the operator's settings: a flag wins over its environment variable, which wins over the default. An empty
 * environment variable counts as not set. Whatever is unknown, unreadable or contradictory refuses the start; all
 * problems are reported at once.
 */
public final class SettingsParser {

    private static final Path POD_NAMESPACE = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace");
    private static final String FALLBACK_NAMESPACE = "stackwright-system";

    private static final int PARALLEL_JOBS = 64;

    private static final Duration MIN_LEASE = Duration.ofSeconds(1);
    private static final Duration MAX_LEASE = Duration.ofMinutes(10);

    private final Map<String, String> environment;
    private final Path podNamespace;
    private final int processors;

    /**
     * @param environment variables of the process
     * @param podNamespace file that holds the pod's namespace; need not exist
     * @param processors processors of this machine
     */
    SettingsParser(Map<String, String> environment, Path podNamespace, int processors) {
        this.environment = Map.copyOf(environment);
        this.podNamespace = podNamespace;
        this.processors = processors;
    }

    /** Reads the environment of this process. */
    public static SettingsParser ofThisProcess() {
        return new SettingsParser(
                System.getenv(), POD_NAMESPACE, Runtime.getRuntime().availableProcessors());
    }

    /** Reads the settings; nothing is printed, created or started. */
    public Parsed parse(String... arguments) {
        CommandLine line = SettingsCommandLine.create();
        CommandLine.ParseResult result = line.parseArgs(arguments);
        if (result.isUsageHelpRequested()) {
            return new Parsed.Answer(line.getUsageMessage(CommandLine.Help.Ansi.OFF));
        }
        if (result.isVersionHelpRequested()) {
            return new Parsed.Answer("stackwright " + BuildVersion.current() + System.lineSeparator());
        }
        List<String> problems = new ArrayList<>(SettingsCommandLine.problems(result));
        checkVariables(problems);
        return read(new Values(SettingsCommandLine.values(result), problems));
    }

    private void checkVariables(List<String> problems) {
        List<String> known =
                Arrays.stream(Setting.values()).map(Setting::variable).toList();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (name.startsWith(Setting.ENVIRONMENT_PREFIX)
                    && !known.contains(name)
                    && !ServiceLinks.contains(environment, name)) {
                problems.add("environment variable " + name + " is not a setting; see --help for the ones there are");
            }
        }
    }

    private Parsed read(Values values) {
        Path data = values.read(Setting.DATA_DIR, ValueParsers::path);
        String namespace = values.read(Setting.OPERATOR_NAMESPACE, defaultNamespace(), ValueParsers::namespace);
        Set<String> watched = values.read(Setting.WATCH_NAMESPACES, "", ValueParsers::namespaces);
        String backend = values.read(
                Setting.BACKEND_URL,
                data == null ? "file:///" : "file://" + data + "/state/{namespace}",
                BackendUrl::parse);
        Optional<OperatorSettings.Jobs> jobs = jobs(values);
        int parallel = jobs.isPresent() ? PARALLEL_JOBS : Math.max(2, processors);
        Integer workers =
                values.read(Setting.WORKERS, String.valueOf(parallel), text -> ValueParsers.number(text, 1, 256));
        String pulumi = values.read(Setting.PULUMI, ValueParsers::command);
        Integer port = values.read(Setting.HTTP_PORT, text -> ValueParsers.number(text, 0, 65535));
        Set<String> hosts = values.read(Setting.SOURCE_ALLOWED_HOSTS, "", ValueParsers::hosts);
        Long bytes = values.read(Setting.SOURCE_MAX_BYTES, ValueParsers::size);
        Duration timeout = values.read(
                Setting.SOURCE_TIMEOUT,
                text -> ValueParsers.duration(text, Duration.ofSeconds(1), Duration.ofHours(1)));
        Duration grace = values.read(
                Setting.SHUTDOWN_GRACE, text -> ValueParsers.duration(text, Duration.ZERO, Duration.ofHours(24)));
        Optional<OperatorSettings.LeaderElection> election = election(values);
        OperatorSettings.LogFormat format = values.read(Setting.LOG_FORMAT, ValueParsers::logFormat);
        String level = values.read(Setting.LOG_LEVEL, ValueParsers::logLevel);
        if (!values.problems.isEmpty()) {
            return new Parsed.Refuse(List.copyOf(values.problems));
        }
        return new Parsed.Start(
                new OperatorSettings(
                        data, namespace, watched, backend, workers, pulumi, port, hosts, bytes, timeout, grace, format,
                        level, election, jobs),
                List.copyOf(values.table));
    }

    private static Optional<OperatorSettings.Jobs> jobs(Values values) {
        boolean wanted = Boolean.TRUE.equals(values.read(Setting.EXECUTION, ValueParsers::isJob));
        Optional<String> runner = values.read(
                Setting.RUNNER_IMAGE,
                "",
                text -> text.isEmpty() ? Optional.<String>empty() : Optional.of(ValueParsers.image(text)));
        String pull = values.read(Setting.RUNNER_PULL_POLICY, ValueParsers::pullPolicy);
        String image = values.read(Setting.JOB_IMAGE, ValueParsers::image);
        Duration ttl =
                values.read(Setting.JOB_TTL, text -> ValueParsers.duration(text, Duration.ZERO, Duration.ofHours(720)));
        if (wanted && runner != null && runner.isEmpty()) {
            values.problems.add(Setting.RUNNER_IMAGE.flag()
                    + ": is required with --execution Job; give it this operator's own image, which Jobs take the"
                    + " runner from");
        }
        return wanted && runner != null && runner.isPresent()
                ? Optional.of(new OperatorSettings.Jobs(runner.get(), pull, image, ttl))
                : Optional.empty();
    }

    private static Optional<OperatorSettings.LeaderElection> election(Values values) {
        Boolean elected = values.read(Setting.LEADER_ELECTION, ValueParsers::bool);
        String name = values.read(Setting.LEASE_NAME, ValueParsers::objectName);
        Duration retry =
                values.read(Setting.LEASE_RETRY_PERIOD, text -> ValueParsers.duration(text, MIN_LEASE, MAX_LEASE));
        Duration deadline = values.read(Setting.LEASE_RENEW_DEADLINE, text -> {
            Duration parsed = ValueParsers.duration(text, MIN_LEASE, MAX_LEASE);
            // The election waits up to a fifth longer than the period, at random.
            ValueParsers.require(retry == null || parsed.toMillis() * 5 > retry.toMillis() * 6);
            return parsed;
        });
        Duration duration = values.read(Setting.LEASE_DURATION, text -> {
            Duration parsed = ValueParsers.duration(text, MIN_LEASE, MAX_LEASE);
            ValueParsers.require(deadline == null || parsed.compareTo(deadline) > 0);
            return parsed;
        });
        return Boolean.TRUE.equals(elected)
                ? Optional.of(new OperatorSettings.LeaderElection(name, duration, deadline, retry))
                : Optional.empty();
    }

    private String defaultNamespace() {
        try {
            return Files.exists(podNamespace) ? Files.readString(podNamespace).strip() : FALLBACK_NAMESPACE;
        } catch (IOException e) {
            return FALLBACK_NAMESPACE;
        }
    }

    /** The values of one start, and what is wrong with them. */
    private final class Values {

        private final Map<Setting, String> flags;
        private final List<String> problems;
        private final List<EffectiveSetting> table = new ArrayList<>();

        Values(Map<Setting, String> flags, List<String> problems) {
            this.flags = new EnumMap<>(Setting.class);
            this.flags.putAll(flags);
            this.problems = problems;
        }

        <T> T read(Setting setting, Function<String, T> parser) {
            return read(setting, setting.defaultText(), parser);
        }

        /** The value of a setting; null when there is a problem with it. */
        <T> T read(Setting setting, String byDefault, Function<String, T> parser) {
            String variable = environment.getOrDefault(setting.variable(), "");
            String text = byDefault;
            String origin = "default";
            if (flags.containsKey(setting)) {
                text = flags.get(setting);
                origin = "flag";
            } else if (!variable.isBlank() && !ServiceLinks.contains(environment, setting.variable())) {
                text = variable;
                origin = "environment";
            }
            String shown = setting == Setting.BACKEND_URL ? BackendUrl.masked(text) : text;
            table.add(new EffectiveSetting(setting.flag().substring(2), shown, origin));
            try {
                return parser.apply(text);
            } catch (IllegalArgumentException e) {
                String name = origin.equals("environment") ? setting.variable() : setting.flag();
                problems.add(name + ": '" + shown + "' is not allowed; allowed: " + setting.allowed());
                return null;
            }
        }
    }
}
