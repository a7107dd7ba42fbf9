package dev.vmext.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class EnableWordTest {
    private static final Instant BEGAN = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant ENDED = BEGAN.plusSeconds(3);
    private final EnableWord word = new EnableWord(BEGAN, ENDED);

    @Test
    void aFileFromBeforeTheEnableIsNotBelievedForAWhile() {
        Instant before = BEGAN.minusSeconds(1);
        assertThat(word.before(before, ENDED)).isTrue();
        assertThat(word.before(before, ENDED.plus(EnableWord.PATIENCE).minusMillis(1)))
                .isTrue();
        assertThat(word.before(before, ENDED.plus(EnableWord.PATIENCE)))
                .as("a handler that has nothing new to say may leave its file")
                .isFalse();
    }

    @Test
    void aFileWrittenSinceIsBelievedAtOnce() {
        assertThat(word.before(BEGAN, ENDED)).isFalse();
        assertThat(word.before(BEGAN.minus(Duration.ofMillis(4)), ENDED))
                .as("times of files are of the kernel's last tick")
                .isFalse();
        assertThat(word.before(ENDED.plusSeconds(1), ENDED.plusSeconds(1))).isFalse();
    }

    @Test
    void withoutAFileOrABeginningThereIsNothingToDoubt() {
        assertThat(word.before(null, ENDED)).isFalse();
        assertThat(new EnableWord(null, ENDED).before(BEGAN.minusSeconds(1), ENDED))
                .isFalse();
    }
}
