package dev.vmext.systemtests.strangers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.Enrolment;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.MessageLimits;
import dev.vmext.protocol.opamp.OpampCodec;
import dev.vmext.protocol.opamp.ServerToAgent;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.systemtests.product.Eventually;
import io.opentelemetry.opamp.client.OpampClient;
import io.opentelemetry.opamp.client.internal.connectivity.websocket.OkHttpWebSocket;
import io.opentelemetry.opamp.client.internal.connectivity.websocket.WebSocket;
import io.opentelemetry.opamp.client.internal.request.service.WebSocketRequestService;
import io.opentelemetry.opamp.client.internal.response.MessageData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okio.ByteString;
import opamp.proto.RemoteConfigStatus;
import opamp.proto.RemoteConfigStatuses;
import opamp.proto.ServerErrorResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Java client of OpenTelemetry's contributors over WebSocket. It loses its first message, because it makes it before the socket is
 * open, and sends no heartbeats: a robust server asks it to tell everything again and goes on.
 */
class JavaOpampClientIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final OpampCodec CODEC = new OpampCodec(MessageLimits.STANDARD);

    @TempDir
    Path home;

    private Plane plane;

    @BeforeEach
    void start() throws Exception {
        plane = new Plane(home);
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    /** The foreign client, and all that it heard and said. */
    private static final class Heard implements OpampClient.Callbacks, AutoCloseable {
        final List<ServerToAgent> answers = new CopyOnWriteArrayList<>();
        final List<MessageData> configurations = new CopyOnWriteArrayList<>();
        final List<String> failures = new CopyOnWriteArrayList<>();
        final List<AgentToServer> sent = new CopyOnWriteArrayList<>();
        private final OkHttpClient http;
        private final OpampClient client;
        private int told;

        private Heard(String url, OkHttpClient http, String service) {
            this.http = http;
            this.client = OpampClient.builder()
                    .setRequestService(WebSocketRequestService.create(new Tapped(OkHttpWebSocket.create(url, http))))
                    .putIdentifyingAttribute("service.name", service)
                    .putIdentifyingAttribute("service.version", "1.2.3")
                    .putNonIdentifyingAttribute("os.type", "linux")
                    .putNonIdentifyingAttribute("host.name", "db7")
                    .enableRemoteConfig()
                    .build(this);
        }

        static Heard with(Plane plane, Stranger stranger) throws Exception {
            OkHttpClient http = new OkHttpClient.Builder()
                    .sslSocketFactory(stranger.tls().getSocketFactory(), stranger.trust())
                    .build();
            return new Heard(plane.webSocketUrl(), http, "otelcol-contrib");
        }

        @Override
        public void onConnect(OpampClient unused) {}

        @Override
        public void onConnectFailed(OpampClient unused, @Nullable Throwable why) {
            failures.add(String.valueOf(why));
        }

        @Override
        public void onErrorResponse(OpampClient unused, ServerErrorResponse error) {
            failures.add(error.error_message);
        }

        @Override
        public void onMessage(OpampClient unused, MessageData message) {
            configurations.add(message);
        }

        /** Changes something, which is what makes this client send, and waits until the server has answered once more. */
        void tellSomething() throws Exception {
            int before = answers.size();
            client.setRemoteConfigStatus(new RemoteConfigStatus(
                    ByteString.encodeUtf8("none " + told++), RemoteConfigStatuses.RemoteConfigStatuses_APPLIED, ""));
            Eventually.until("an answer, failures: " + failures, SOON, answers::size, size -> size > before);
        }

        @Override
        public void close() throws IOException {
            client.close();
            http.dispatcher().executorService().shutdown();
            http.connectionPool().evictAll();
        }

        /** Reads along what the client sends, and what it was sent once it has read that. */
        private final class Tapped implements WebSocket {
            private final WebSocket real;

            private Tapped(WebSocket real) {
                this.real = real;
            }

            @Override
            public void open(Listener listener) {
                real.open(new Listener() {
                    @Override
                    public void onOpen() {
                        listener.onOpen();
                    }

                    @Override
                    public void onClosing() {
                        listener.onClosing();
                    }

                    @Override
                    public void onClosed() {
                        listener.onClosed();
                    }

                    @Override
                    public void onMessage(byte[] frame) {
                        listener.onMessage(frame);
                        answers.add(CODEC.decodeServerToAgentFrame(frame));
                    }

                    @Override
                    public void onFailure(Throwable why) {
                        listener.onFailure(why);
                    }
                });
            }

            @Override
            public void close(int code, @Nullable String reason) {
                real.close(code, reason);
            }

            @Override
            public boolean send(byte[] frame) {
                sent.add(CODEC.decodeAgentToServerFrame(frame));
                return real.send(frame);
            }
        }
    }

    private Heard connected(Stranger stranger) throws Exception {
        Heard heard = Heard.with(plane, stranger);
        Eventually.until(
                "the stranger is online, failures: " + heard.failures,
                SOON,
                () -> plane.machine("db7").state(),
                "online"::equals);
        return heard;
    }

    @Test
    void isStoredAndShownWithWhatItTellsOfItself() throws Exception {
        try (Heard heard = connected(plane.stranger("db7"))) {
            heard.tellSomething();
            heard.tellSomething();

            assertThat(plane.machine("db7").facts())
                    .containsEntry("service.name", "otelcol-contrib")
                    .containsEntry("agentVersion", "1.2.3")
                    .containsEntry("hostname", "db7")
                    .containsEntry("os", "linux");
            assertThat(heard.failures).isEmpty();
        }
    }

    @Test
    void takesTheIdThatItIsGiven() throws Exception {
        Stranger stranger = plane.stranger("db7");
        try (Heard heard = connected(stranger)) {
            heard.tellSomething();
            heard.tellSomething();

            assertThat(heard.sent.getLast().instanceUid()).isEqualTo(Bytes.ofUuid(UUID.fromString(stranger.id())));
            assertThat(heard.sent.getFirst().instanceUid())
                    .isNotEqualTo(heard.sent.getLast().instanceUid());
        }
    }

    @Test
    void getsNoGoalThoughItWouldTakeOne() throws Exception {
        Stranger stranger = plane.stranger("db7");
        plane.install("db7", "web", 1);
        try (Heard heard = connected(stranger)) {
            for (int i = 0; i < 5; i++) {
                heard.tellSomething();
            }

            assertThat(heard.sent.getLast().capabilities() & 0x2)
                    .as("it would take one")
                    .isEqualTo(0x2);
            assertThat(heard.configurations).isEmpty();
            assertThat(heard.answers)
                    .allSatisfy(answer -> assertThat(answer.remoteConfig()).isNull());
            assertThat(plane.offered(stranger)).isZero();
            assertThat(plane.machine("db7").appliedGeneration()).isZero();
            assertThat(plane.fleet.getInstallation(Plane.PROJECT, "db7", "web").state())
                    .isEqualTo("waiting-machine");
            assertThat(plane.fleet.getInstallation(Plane.PROJECT, "db7", "web").cause())
                    .satisfies(cause -> assertThat(cause.message()).contains("otelcol-contrib"));
        }
    }

    @Test
    void nothingCanBeInstalledWhereItRuns() throws Exception {
        try (Heard heard = connected(plane.stranger("db7"))) {
            heard.tellSomething();
            heard.tellSomething();

            assertThatThrownBy(() -> plane.install("db7", "web", 1))
                    .isInstanceOf(ProblemException.class)
                    .hasMessageContaining("run by otelcol-contrib");
        }
    }

    @Test
    void isOfflineWhenItLeaves() throws Exception {
        connected(plane.stranger("db7")).close();

        Eventually.until("it is offline", SOON, () -> plane.machine("db7").state(), "offline"::equals);
    }

    @Test
    void withATokenItIsToldWhatItIsAndNothingElse() throws Exception {
        Enrolment enrolment = plane.fleet.createEnrolment(
                Plane.ADMIN, Plane.PROJECT, new EnrolmentCreate("db7", null, null, null, null, null, null));
        Stranger other = plane.stranger("other");
        OkHttpClient http = new OkHttpClient.Builder()
                .sslSocketFactory(other.tls().getSocketFactory(), other.trust())
                .addInterceptor(chain -> {
                    Request request = chain.request()
                            .newBuilder()
                            .header(
                                    "Authorization",
                                    "Bearer " + enrolment.token().reveal())
                            .build();
                    return chain.proceed(request);
                })
                .build();
        try (Heard heard = new Heard(plane.webSocketUrl(), http, "otelcol-contrib")) {
            Eventually.until("an answer", SOON, heard.answers::size, size -> size > 0);
            heard.tellSomething();

            assertThat(heard.sent.getLast().instanceUid())
                    .isEqualTo(Bytes.ofUuid(UUID.fromString(enrolment.machine().id())));
            assertThat(plane.machine("db7").state()).isEqualTo("expected");
            assertThat(plane.machine("db7").facts()).isEmpty();
        }
    }

    @Test
    void withoutCredentialsItIsRefused() throws Exception {
        Stranger stranger = plane.stranger("db7");
        SSLContext anonymous = SSLContext.getInstance("TLS");
        anonymous.init(null, new TrustManager[] {stranger.trust()}, null);
        OkHttpClient http = new OkHttpClient.Builder()
                .sslSocketFactory(anonymous.getSocketFactory(), stranger.trust())
                .build();
        try (Heard heard = new Heard(plane.webSocketUrl(), http, "otelcol-contrib")) {
            Eventually.until("a refusal", SOON, () -> heard.failures, failures -> !failures.isEmpty());

            assertThat(heard.failures.getFirst()).contains("401");
            assertThat(plane.machine("db7").state()).isEqualTo("expected");
        }
    }
}
