package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.stackwright.operator.settings.OperatorSettings;
import io.stackwright.operator.settings.OperatorSettings.LogFormat;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

class LoggingTest {

    private final Logger own = LoggerFactory.getLogger("io.stackwright.operator.Something");
    private final Logger library = LoggerFactory.getLogger("io.fabric8.Something");
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream before = System.out;

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() throws Exception {
        System.setOut(before);
        SLF4JBridgeHandler.uninstall();
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        new ContextInitializer(context).autoConfig();
    }

    @Test
    void jsonLinesHaveTheKeysOfTheContextAndOfTheLine() throws Exception {
        // given
        Logging.configure(settings(LogFormat.JSON, "info"));

        // when
        try (LogContext context = LogContext.open(Map.of("stack", "shop", "update", "shop-7"))) {
            own.atInfo().addKeyValue("operation", "Up").log("update\nstarted");
        }

        // then
        JsonNode line = new ObjectMapper().readTree(lines()[0]);
        assertThat(lines()).hasSize(1);
        assertThat(line.at("/level").asText()).isEqualTo("INFO");
        assertThat(line.at("/formattedMessage").asText()).isEqualTo("update\nstarted");
        assertThat(line.at("/mdc/stack").asText()).isEqualTo("shop");
        assertThat(line.at("/mdc/update").asText()).isEqualTo("shop-7");
        assertThat(line.at("/kvpList/0/operation").asText()).isEqualTo("Up");
        assertThat(line.at("/timestamp").isMissingNode()).isFalse();
    }

    @Test
    void aTextLineCannotPassForTwo() {
        // given
        Logging.configure(settings(LogFormat.TEXT, "info"));

        // when
        own.atInfo().addKeyValue("value", "a\nb").log("one\r\n12:00:00.000 ERROR forged");

        // then
        assertThat(lines()).singleElement().asString().contains("INFO", "one 12:00:00.000 ERROR forged", "a b");
    }

    @Test
    void theLevelIsThatOfTheOperatorAndLibrariesOnlyWarn() {
        // given
        Logging.configure(settings(LogFormat.TEXT, "debug"));

        // when
        own.debug("own debug");
        own.trace("own trace");
        library.info("library info");
        library.warn("library warning");

        // then
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("own debug"),
                        line -> assertThat(line).contains("library warning"));
    }

    @Test
    void errorIsAlsoTheLevelOfLibraries() {
        // given
        Logging.configure(settings(LogFormat.TEXT, "error"));

        // when
        own.warn("own warning");
        library.warn("library warning");
        library.error("library error");

        // then
        assertThat(lines()).singleElement().asString().contains("library error");
    }

    @Test
    void linesOfTheJdksLoggersArriveToo() {
        // given
        Logging.configure(settings(LogFormat.TEXT, "info"));

        // when
        System.Logger jdk = System.getLogger("com.pulumi.Something");
        jdk.log(System.Logger.Level.INFO, "jdk info");
        jdk.log(System.Logger.Level.WARNING, "jdk warning {0}", "x");

        // then
        assertThat(lines()).singleElement().asString().contains("WARN", "Something", "jdk warning x");
    }

    private String[] lines() {
        return output.toString(StandardCharsets.UTF_8).split("\\R");
    }

    private static OperatorSettings settings(LogFormat format, String level) {
        return new OperatorSettings(
                Path.of("/data"),
                "default",
                Set.of(),
                "file:///data",
                2,
                "pulumi",
                0,
                Set.of(),
                1024,
                Duration.ofSeconds(1),
                Duration.ZERO,
                format,
                level);
    }
}
