package dev.vmext.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.fleet.provider.ProviderProblem;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.ArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemTranslatorTest {
    private final ProblemTranslator translator = new ProblemTranslator(() -> "incident-7");

    @Test
    void tellsAnExpectedFailureAsItIs() {
        Problem problem = translator.translate(
                new ProblemException(ProblemCode.MACHINE_NOT_FOUND, "cannot find web1: why", "Look."), "test");

        assertThat(problem).isEqualTo(Problem.of(ProblemCode.MACHINE_NOT_FOUND, "cannot find web1: why", "Look."));
    }

    @Test
    void tellsABugAsAnIncidentAndNothingElse() {
        var records = new ArrayList<LogRecord>();
        Logger logger = Logger.getLogger(ProblemTranslator.class.getName());
        Handler catcher = new Handler() {
            @Override
            public void publish(LogRecord record) {
                records.add(record);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(catcher);
        logger.setUseParentHandlers(false);
        try {
            Problem problem = translator.translate(new IllegalStateException("the password is hunter2"), "GET /v1/x");

            assertThat(problem.code()).isEqualTo("internal");
            assertThat(problem.detail()).contains("incident-7").doesNotContain("hunter2");
            assertThat(records).singleElement().satisfies(record -> {
                assertThat(record.getMessage()).contains("incident-7", "GET /v1/x");
                assertThat(record.getThrown()).hasMessageContaining("hunter2");
            });
        } finally {
            logger.removeHandler(catcher);
            logger.setUseParentHandlers(true);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasAHintForEveryPackageProblem(PackageProblem kind) {
        Problem problem = translator.translate(new PackageException(kind, "cannot x: y", ""), "test");

        assertThat(problem.code()).isNotEqualTo("internal");
        assertThat(problem.hint()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void hasACodeForEveryProviderProblem(ProviderProblem.Kind kind) {
        Problem problem = translator.translate(new ProviderProblem(kind, "cannot x: y", "do this"), "test");

        assertThat(problem.code()).isNotEqualTo("internal");
        assertThat(problem.hint()).isEqualTo("Do this.");
    }
}
