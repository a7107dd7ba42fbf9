package dev.vmext.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.DiagnosisPart;
import dev.vmext.protocol.link.DiagnosisRequest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiagnosisTopicTest {
    private final Deque<Runnable> work = new ArrayDeque<>();
    private final DiagnosisTopic topic = new DiagnosisTopic(kind -> new byte[60_000], work::add, () -> {});

    private void ask(String id) {
        topic.heard(CustomCapability.DIAGNOSE_REQUEST, new DiagnosisRequest(id, DiagnosisRequest.Kind.DOCTOR).encode());
    }

    private List<DiagnosisPart> said() {
        List<DiagnosisPart> parts = new ArrayList<>();
        for (Optional<Topic.Said> said = topic.next(); said.isPresent(); said = topic.next()) {
            parts.add(DiagnosisPart.decode(said.get().data().toArray()));
        }
        return parts;
    }

    @Test
    void answersInPartsThatMakeTheWhole() {
        ask("1");
        work.remove().run();
        List<DiagnosisPart> parts = said();
        assertThat(parts).hasSize(3).allMatch(part -> part.id().equals("1"));
        assertThat(parts.getLast().last()).isTrue();
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        parts.forEach(part -> whole.writeBytes(part.data().toArray()));
        assertThat(whole.size()).isEqualTo(60_000);
    }

    @Test
    void examinesOnceAtATime() {
        ask("1");
        ask("2");
        assertThat(work).hasSize(1);
        assertThat(said()).singleElement().satisfies(part -> {
            assertThat(part.id()).isEqualTo("2");
            assertThat(new String(part.data().toArray(), java.nio.charset.StandardCharsets.UTF_8))
                    .contains("already");
        });
    }

    @Test
    void anAnswerToAConnectionThatIsGoneIsDropped() {
        ask("1");
        topic.connected();
        work.remove().run();
        assertThat(said()).isEmpty();
    }
}
