package dev.vmext.protocol.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.opamp.Bytes;
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
    void diagnosisRequestAndPartComeBack() {
        DiagnosisRequest request = new DiagnosisRequest("7", DiagnosisRequest.Kind.BUNDLE);
        DiagnosisPart part = new DiagnosisPart("7", 3, true, Bytes.of(new byte[] {0, -1, 10}));

        assertThat(DiagnosisRequest.decode(request.encode())).isEqualTo(request);
        assertThat(DiagnosisPart.decode(part.encode())).isEqualTo(part);
        assertThatThrownBy(() ->
                        DiagnosisRequest.decode("{\"id\":\"1\",\"kind\":\"all\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> DiagnosisPart.decode(
                        "{\"id\":\"1\",\"part\":-1,\"data\":\"\"}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ProblemException.class);
    }

    @Test
    void refusesWhatLacksAField() {
        byte[] nothing = "{}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> StatusAck.decode(nothing)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> LogRequest.decode(nothing)).isInstanceOf(ProblemException.class);
        assertThatThrownBy(() -> LogAnswer.decode(nothing)).isInstanceOf(ProblemException.class);
    }
}
