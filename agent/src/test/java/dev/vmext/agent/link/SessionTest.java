package dev.vmext.agent.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.seal.SettingsKey;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CustomCapabilities;
import dev.vmext.protocol.opamp.CustomMessage;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerErrorResponse;
import dev.vmext.protocol.opamp.ServerErrorType;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One conversation; the gateway's part is played by the test. */
class SessionTest {
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);
    private static final UUID MACHINE = new UUID(7, 7);
    private static final String PARROT = "vmext.parrot/v1";

    private final ManualClock clock = ManualClock.atNewYear();
    private final List<AgentToServer> said = new ArrayList<>();
    private final List<String> parrot = new ArrayList<>();

    @TempDir
    Path temp;

    private Identity identity;
    private Session session;

    @BeforeEach
    void begin() throws IOException {
        SettingsKey made = SettingsKey.generate(new SecureRandom(), clock.instant());
        identity = new Identity(MACHINE, made.key(), Identity.certificate(made.certificate()));
        LinkParts parts = new LinkParts(
                new IdentityStore(temp), new Outgoing(), new Quiet(), new Machine(), clock, new UUID(1, 2));
        parts.topics().add(new Parrot());
        session = new Session(parts, "gateway:1", new Notebook(), identity, Duration.ofSeconds(30));
    }

    private static ServerToAgent.Builder message() {
        return ServerToAgent.builder(Bytes.ofUuid(MACHINE));
    }

    private void hears(ServerToAgent.Builder message) throws IOException {
        session.heard(CODEC.encodeFrame(message.build()));
    }

    private long certificatesAskedFor() throws IOException {
        session.flush();
        return said.stream()
                .filter(message -> message.connectionSettingsRequest() != null)
                .count();
    }

    @Test
    void aCertificateThatDidNotComeIsAskedForAgainAfterAPause() throws Exception {
        hears(message());
        assertThat(certificatesAskedFor()).isZero();
        clock.set(identity.renewAt());
        assertThat(certificatesAskedFor()).isOne();
        hears(message().errorResponse(new ServerErrorResponse(ServerErrorType.BAD_REQUEST, "no", null)));
        clock.advance(Session.CERTIFICATE_PAUSE.minusSeconds(1));
        assertThat(certificatesAskedFor()).isOne();
        clock.advance(Duration.ofSeconds(1));
        assertThat(certificatesAskedFor()).isEqualTo(2);
        assertThat(certificatesAskedFor()).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackDoesNotKeepItFromAskingAgain() throws Exception {
        hears(message());
        clock.set(identity.renewAt().plus(Duration.ofDays(30)));
        assertThat(certificatesAskedFor()).isOne();
        clock.set(identity.renewAt());
        assertThat(certificatesAskedFor()).isOne();
        clock.advance(Session.CERTIFICATE_PAUSE);
        assertThat(certificatesAskedFor()).isEqualTo(2);
    }

    @Test
    void whatTheGatewayDidNotAnnounceIsDroppedWithOneLine() throws Exception {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger(Session.class.getName());
        Handler listening = listening(lines);
        logger.addHandler(listening);
        try {
            for (int i = 0; i < 3; i++) {
                hears(message().customMessage(new CustomMessage(PARROT, "say", Bytes.EMPTY)));
            }
        } finally {
            logger.removeHandler(listening);
        }
        assertThat(parrot).isEmpty();
        assertThat(lines).singleElement().asString().contains("Dropping").contains(PARROT);

        hears(message()
                .customCapabilities(new CustomCapabilities(List.of(PARROT)))
                .customMessage(new CustomMessage(PARROT, "say", Bytes.EMPTY)));
        assertThat(parrot).containsExactly("say");
    }

    private static Handler listening(List<String> lines) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage()
                        + (line.getParameters() == null
                                ? ""
                                : List.of(line.getParameters()).toString()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    private final class Parrot implements Topic {
        @Override
        public String capability() {
            return PARROT;
        }

        @Override
        public void connected() {}

        @Override
        public void heard(String type, byte[] data) {
            parrot.add(type);
        }

        @Override
        public Optional<Said> next() {
            return Optional.empty();
        }

        @Override
        public boolean busy() {
            return false;
        }
    }

    private final class Notebook implements Connection {
        @Override
        public void send(byte[] frame) throws IOException {
            try {
                said.add(CODEC.decodeAgentToServerFrame(frame));
            } catch (dev.vmext.protocol.opamp.MalformedMessageException e) {
                throw new IOException(e);
            }
        }

        @Override
        public void close() {}

        @Override
        public void abort() {}
    }

    private static final class Machine implements LinkSources {
        @Override
        public Map<String, String> facts() {
            return Map.of();
        }

        @Override
        public Optional<String> token() {
            return Optional.empty();
        }

        @Override
        public void enrolled() {}

        @Override
        public LogTail log(int bytes) {
            return new LogTail("", false);
        }
    }

    private static final class Quiet implements LinkListener {
        @Override
        public void connected() {}

        @Override
        public void goal(GoalOffer offer) {}

        @Override
        public void statusesWanted() {}
    }
}
