package dev.vmext.protocol.opamp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpampCodecTest {
    private final OpampCodec codec = new OpampCodec(MessageLimits.STANDARD);

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void readsAndWritesAgentMessagesAsProtobufJavaDoes(long seed) throws InvalidProtocolBufferException {
        RandomMessages messages = new RandomMessages(new Random(seed));
        for (int i = 0; i < 150; i++) {
            DynamicMessage theirs = messages.next("AgentToServer");
            AgentToServer ours = codec.decodeAgentToServer(theirs.toByteArray());
            assertThat(Records.toDynamic(ours)).isEqualTo(theirs);
            byte[] written = codec.encode(ours);
            assertThat(DynamicMessage.parseFrom(theirs.getDescriptorForType(), written))
                    .isEqualTo(theirs);
            assertThat(codec.decodeAgentToServer(written)).isEqualTo(ours);
            assertThat(codec.decodeAgentToServerFrame(codec.encodeFrame(ours))).isEqualTo(ours);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4})
    void readsAndWritesServerMessagesAsProtobufJavaDoes(long seed) throws InvalidProtocolBufferException {
        RandomMessages messages = new RandomMessages(new Random(seed));
        for (int i = 0; i < 150; i++) {
            DynamicMessage theirs = messages.next("ServerToAgent");
            ServerToAgent ours = codec.decodeServerToAgent(theirs.toByteArray());
            assertThat(Records.toDynamic(ours)).isEqualTo(theirs);
            byte[] written = codec.encode(ours);
            assertThat(DynamicMessage.parseFrom(theirs.getDescriptorForType(), written))
                    .isEqualTo(theirs);
            assertThat(codec.decodeServerToAgent(written)).isEqualTo(ours);
            assertThat(codec.decodeServerToAgentFrame(codec.encodeFrame(ours))).isEqualTo(ours);
        }
    }

    @Test
    void writesAHeartbeatByteForByteAsTheSpecificationSays() {
        AgentToServer heartbeat = AgentToServer.builder(
                        Bytes.ofUuid(UUID.fromString("01890a5d-ac96-774b-bcce-b302099a8057")))
                .sequenceNum(300)
                .capabilities(AgentCapabilities.OURS)
                .build();
        // header, #1 bytes(16), #2 varint 300, #4 varint 0xB95F
        assertThat(HexFormat.of().formatHex(codec.encodeFrame(heartbeat)))
                .isEqualTo("00" + "0a1001890a5dac96774bbcceb302099a8057" + "10ac02" + "20dff202");
    }

    @Test
    void readsAnOfferByteForByteAsTheSpecificationSays() {
        // #3 remote_config { #1 config { #1 entry { #1 "a" #2 { #1 "{}" #2 "j" } } } #2 config_hash 0102 }, #6 flags 1
        byte[] offer = HexFormat.of()
                .parseHex("1a14" + "0a0e" + "0a0c" + "0a0161" + "1207" + "0a027b7d" + "12016a" + "12020102" + "3001");
        ServerToAgent message = codec.decodeServerToAgent(offer);
        assertThat(message)
                .isEqualTo(ServerToAgent.builder(Bytes.EMPTY)
                        .remoteConfig(new AgentRemoteConfig(
                                new AgentConfigMap(Map.of("a", new AgentConfigFile(Bytes.ofUtf8("{}"), "j"))),
                                Bytes.ofHex("0102")))
                        .flags(ServerToAgent.FLAG_REPORT_FULL_STATE)
                        .build());
        assertThat(codec.encode(message)).isEqualTo(offer);
    }

    @Test
    void keepsPresenceOfEmptyPartsApartFromTheirAbsence() {
        ServerToAgent restart = ServerToAgent.builder(Bytes.EMPTY)
                .command(new ServerToAgentCommand(CommandType.RESTART))
                .build();
        assertThat(codec.encode(restart)).containsExactly(0x4a, 0x00);
        assertThat(codec.decodeServerToAgent(new byte[] {0x4a, 0}).command()).isNotNull();
        assertThat(codec.decodeServerToAgent(new byte[0]).command()).isNull();
    }

    @Test
    void neverTakesAnUnknownEnumNumberForZero() {
        // command { type 7 } is not a restart
        ServerToAgent message = codec.decodeServerToAgent(HexFormat.of().parseHex("4a020807"));
        assertThat(message.command()).isEqualTo(new ServerToAgentCommand(CommandType.UNRECOGNIZED));
        assertThatThrownBy(() -> codec.encode(message)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void skipsFieldsThatItDoesNotKnow() {
        // #99 varint, #100 fixed64, #101 length, #102 fixed32, #103 group holding #1 varint, then #2 sequence_num 5
        byte[] message = HexFormat.of()
                .parseHex("980605" + "a106" + "0102030405060708" + "aa0602ffff" + "b506" + "01020304" + "bb06" + "0801"
                        + "bc06" + "1005");
        assertThat(codec.decodeAgentToServer(message).sequenceNum()).isEqualTo(5);
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "0a", // a length is missing
                "0aff", // half a length
                "0a05010203", // longer than what is left
                "0affffffff0f", // 4 GiB
                "0affffffffffffffff7f", // 8 EiB
                "0affffffffffffffffff01", // a length below zero
                "10ffffffffffffffffffff01", // a varint of eleven bytes
                "0801", // instance_uid as a number
                "1201", // sequence_num as bytes
                "00", // field 0
                "0e", // wire type 6
                "0c", // end of a group that never began
                "9b0608", // a group without an end
                "9b06a406", // a group that ends with another number
                "2a062204c3280a00", // not UTF-8
                "2a0311ffff", // half a fixed64
                "f8ffffffff0f01", // a field number beyond the limit
            })
    void refusesWhatIsNotAMessage(String hex) {
        assertThatThrownBy(() -> codec.decodeAgentToServer(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageStartingWith("cannot read a message: ")
                .matches(e -> !((MalformedMessageException) e).tooLarge());
    }

    @Test
    void takesAFrameWithoutHeaderAndAnEmptyOne() {
        AgentToServer message =
                AgentToServer.builder(Bytes.ofHex("0102")).sequenceNum(1).build();
        assertThat(codec.decodeAgentToServerFrame(codec.encode(message))).isEqualTo(message);
        assertThat(codec.decodeServerToAgentFrame(new byte[] {0}))
                .isEqualTo(ServerToAgent.builder(Bytes.EMPTY).build());
        assertThat(codec.decodeServerToAgentFrame(new byte[0]))
                .isEqualTo(ServerToAgent.builder(Bytes.EMPTY).build());
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"010a00", "800100", "ff01", "8000"})
    void refusesAFrameWithAHeaderThatIsNotZero(String hex) {
        assertThatThrownBy(() -> codec.decodeServerToAgentFrame(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("header");
    }

    @Test
    void refusesMessagesOverTheLimitInBothDirections() {
        OpampCodec small = new OpampCodec(new MessageLimits(100, 4, 10));
        AgentToServer fits = AgentToServer.builder(Bytes.of(new byte[98])).build();
        AgentToServer over = AgentToServer.builder(Bytes.of(new byte[99])).build();
        assertThat(small.decodeAgentToServerFrame(small.encodeFrame(fits))).isEqualTo(fits);
        assertTooLarge(() -> small.encode(over));
        assertTooLarge(() -> small.encodeFrame(over));
        assertTooLarge(() -> small.decodeAgentToServer(codec.encode(over)));
        assertTooLarge(() -> small.decodeAgentToServerFrame(codec.encodeFrame(over)));
    }

    @Test
    void refusesDeepNesting() {
        ComponentHealth health = ComponentHealth.EMPTY;
        for (int i = 0; i < 100; i++) {
            health = new ComponentHealth(true, 0, "", "", 0, Map.of("x", health), List.of());
        }
        byte[] deep =
                codec.encode(AgentToServer.builder(Bytes.EMPTY).health(health).build());
        assertTooLarge(() -> codec.decodeAgentToServer(deep));

        byte[] groups = new byte[100_000];
        Arrays.fill(groups, (byte) 0x7b); // field 15, which no ServerToAgent has: start of a group
        assertTooLarge(() -> codec.decodeServerToAgent(groups));
    }

    @Test
    void refusesMoreEntriesThanTheLimit() {
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.writeBytes(HexFormat.of().parseHex("62c19a0c")); // custom_capabilities, 200001 bytes
        for (int i = 0; i < 100_000; i++) {
            many.write(0x0a);
            many.write(0x00);
        }
        many.write(0);
        assertTooLarge(() -> codec.decodeAgentToServer(many.toByteArray()));
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {11, 12, 13})
    void damagedMessagesGiveNothingButMalformed(long seed) {
        RandomGenerator random = new Random(seed);
        RandomMessages messages = new RandomMessages(random);
        for (int i = 0; i < 60; i++) {
            byte[] agent = messages.next("AgentToServer").toByteArray();
            byte[] server = messages.next("ServerToAgent").toByteArray();
            for (int j = 0; j < 25; j++) {
                tryAll(damage(agent, random));
                tryAll(damage(server, random));
            }
        }
    }

    @Test
    void everyTruncationIsReadOrRefused() {
        byte[] message = new RandomMessages(new Random(5)).next("ServerToAgent").toByteArray();
        for (int length = 0; length < Math.min(message.length, 3000); length++) {
            tryAll(Arrays.copyOf(message, length));
        }
    }

    @Test
    void randomMessagesCoverEveryFieldOfTheTable() {
        RandomMessages messages = new RandomMessages(new Random(1));
        Set<FieldDescriptor> seen = new HashSet<>();
        for (int i = 0; i < 150; i++) {
            collectFields(messages.next("AgentToServer"), seen);
            collectFields(messages.next("ServerToAgent"), seen);
        }
        for (Descriptor type : OpampDescriptors.messages()) {
            if (type.getName().equals("ServerToAgentCommand")) {
                continue; // its only value is zero, which is never on the wire
            }
            assertThat(seen).as(type.getName()).containsAll(type.getFields());
        }
    }

    private static void collectFields(com.google.protobuf.Message message, Set<FieldDescriptor> into) {
        message.getAllFields().forEach((field, value) -> {
            into.add(field);
            for (Object item : value instanceof List<?> list ? list : List.of(value)) {
                if (item instanceof com.google.protobuf.Message nested) {
                    collectFields(nested, into);
                }
            }
        });
    }

    @Test
    void textFormsHideKeysAndCredentials() {
        assertThat(new Header("Authorization", "Bearer secret").toString()).doesNotContain("secret");
        Bytes key = Bytes.ofUtf8("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----");
        assertThat(new TlsCertificate(Bytes.EMPTY, key, Bytes.EMPTY).toString()).contains("(" + key.size() + " bytes)");
    }

    @Test
    void declaresTheCapabilitiesOfTheProfile() {
        assertThat(AgentCapabilities.OURS
                        | AgentCapabilities.REPORTS_OWN_TRACES
                        | AgentCapabilities.REPORTS_OWN_METRICS
                        | AgentCapabilities.REPORTS_OWN_LOGS
                        | AgentCapabilities.ACCEPTS_RESTART_COMMAND
                        | AgentCapabilities.ACCEPTS_OTHER_CONNECTION_SETTINGS
                        | AgentCapabilities.REPORTS_AVAILABLE_COMPONENTS)
                .isEqualTo(0xFFFF);
        assertThat(AgentCapabilities.OURS).isEqualTo(0xB95F);
        assertThat(ServerCapabilities.OURS).isEqualTo(0x7F);
    }

    private void tryAll(byte[] bytes) {
        attempt(bytes, () -> codec.decodeAgentToServer(bytes));
        attempt(bytes, () -> codec.decodeServerToAgent(bytes));
        attempt(bytes, () -> codec.decodeAgentToServerFrame(bytes));
        attempt(bytes, () -> codec.decodeServerToAgentFrame(bytes));
    }

    private static void attempt(byte[] bytes, Runnable decoding) {
        try {
            decoding.run();
        } catch (MalformedMessageException expected) {
            assertThat(expected.getMessage()).startsWith("cannot read ");
        } catch (RuntimeException e) {
            fail("for " + HexFormat.of().formatHex(bytes), e);
        }
    }

    private static byte[] damage(byte[] message, RandomGenerator random) {
        if (message.length == 0) {
            return message;
        }
        byte[] damaged =
                random.nextInt(3) == 0 ? Arrays.copyOf(message, random.nextInt(message.length)) : message.clone();
        for (int i = random.nextInt(8); i > 0 && damaged.length > 0; i--) {
            // Mostly near the start, where lengths and tags decide about all that follows.
            int at = random.nextBoolean()
                    ? random.nextInt(Math.min(damaged.length, 64))
                    : random.nextInt(damaged.length);
            damaged[at] = (byte) random.nextInt();
        }
        return damaged;
    }

    private static void assertTooLarge(Runnable action) {
        assertThatThrownBy(action::run)
                .isInstanceOf(MalformedMessageException.class)
                .matches(e -> ((MalformedMessageException) e).tooLarge());
    }
}
