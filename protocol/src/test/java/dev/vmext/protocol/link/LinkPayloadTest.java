package dev.vmext.protocol.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LinkPayloadTest {
    @Test
    void acknowledgementKeepsTheExactTime() {
        StatusAck ack = new StatusAck("web", Instant.parse("2026-01-01T00:00:00.123456789Z"));

        assertThat(StatusAck.decode(ack.encode())).isEqualTo(ack);
    }

    @Test
    void logRequestAndAnswerComeBack() {
        LogRequest request = new LogRequest("7", 65536);
        LogAnswer answer = new LogAnswer("7", "line \"one\"\nl\u00efne two\n", true);

        assertThat(LogRequest.decode(request.encode())).isEqualTo(request);
        assertThat(LogAnswer.decode(answer.encode())).isEqualTo(answer);
    }

    @Test
    void refusesWhatLacksAField() {
        byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> StatusAck.decode(nothing)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> LogRequest.decode(nothing)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> LogAnswer.decode(nothing)).isInstanceOf(ProblemException.class);
    }
}
