package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.DiagnosisPart;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class ExaminationsTest {
    private final Examinations examinations = new Examinations("web");
    private final List<CustomMessage> sent = new ArrayList<>();

    private CompletableFuture<byte[]> asked() {
        examinations.announced(new CustomCapabilities(List.of(CustomCapability.DIAGNOSE)));
        return examinations.request(DiagnosisRequest.Kind.DOCTOR, sent::add);
    }

    private void answer(int number, boolean last, String text) {
        String id = DiagnosisRequest.decode(sent.getLast().data().toArray()).id();
        examinations.answered(new DiagnosisPart(id, number, last, Bytes.of(text.getBytes(StandardCharsets.UTF_8))));
    }

    @Test
    void partsBecomeOneAnswer() {
        CompletableFuture<byte[]> answer = asked();
        answer(0, false, "all is ");
        answer(1, true, "well");
        assertThat(answer.join()).asString(StandardCharsets.UTF_8).isEqualTo("all is well");
    }

    @Test
    void aPartThatIsMissingBreaksTheAnswer() {
        CompletableFuture<byte[]> answer = asked();
        answer(1, true, "well");
        assertThatThrownBy(answer::join)
                .isInstanceOf(CompletionException.class)
                .cause()
                .hasMessageContaining("broken");
    }

    @Test
    void anAgentThatCannotIsNotAsked() {
        assertThat(examinations.request(DiagnosisRequest.Kind.DOCTOR, sent::add))
                .failsWithin(java.time.Duration.ofSeconds(5))
                .withThrowableThat()
                .withCauseInstanceOf(ProblemException.class);
        assertThat(sent).isEmpty();
    }

    @Test
    void aMachineThatGoesAwayEndsTheWait() {
        CompletableFuture<byte[]> answer = asked();
        examinations.closed();
        assertThatThrownBy(answer::join).cause().hasMessageContaining("disconnected");
    }
}
