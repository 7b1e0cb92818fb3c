package io.stackwright.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class FirstLogTest {

    @Test
    void logbackFindsIt() {
        assertThat(ServiceLoader.load(Configurator.class)).hasAtLeastOneElementOfType(FirstLog.class);
    }

    @Test
    void whatTheProgramSaysIsLoggedAndOfLibrariesWhatGoesWrong() {
        // given
        LoggerContext context = new LoggerContext();

        // when
        ExecutionStatus status = new FirstLog(false).configure(context);

        // then
        assertThat(status).isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
        assertThat(context.getLogger("io.stackwright.operator.OperatorMain").getEffectiveLevel())
                .isEqualTo(Level.INFO);
        assertThat(context.getLogger("io.fabric8").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                .toIterable()
                .hasSize(1);
    }

    @Test
    void testsHaveAFileOfTheirOwn() {
        // given
        LoggerContext context = new LoggerContext();

        // when
        ExecutionStatus status = new FirstLog().configure(context);

        // then
        assertThat(status).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).iteratorForAppenders())
                .toIterable()
                .isEmpty();
    }
}
