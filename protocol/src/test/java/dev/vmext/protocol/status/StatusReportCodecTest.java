package dev.vmext.protocol.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusReportCodecTest {
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void readsBackWhatItWrote(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            InstallationStatus status = randomStatus(random);
            assertThat(StatusReportCodec.decode(StatusReportCodec.encode(status)))
                    .isEqualTo(status);
        }
    }

    @Test
    void readsAndWritesTheFirstFormat() throws IOException {
        assertThat(StatusReportCodec.decode(golden("status-failed.json"))).isEqualTo(failed());
        assertThat(text(StatusReportCodec.encode(failed()))).isEqualTo(text(golden("status-failed.json")));
        assertThat(StatusReportCodec.decode(golden("status-waiting.json"))).isEqualTo(waiting());
        assertThat(text(StatusReportCodec.encode(waiting()))).isEqualTo(text(golden("status-waiting.json")));
    }

    @Test
    void ignoresFieldsOfLaterVersions() {
        String json = text(StatusReportCodec.encode(failed()))
                .replaceFirst("\\{", "{\"later\":[{\"a\":1}],")
                .replace("\"kind\":", "\"more\":{},\"kind\":");
        assertThat(StatusReportCodec.decode(bytes(json))).isEqualTo(failed());
    }

    @Test
    void nullMeansAbsent() {
        String json = text(StatusReportCodec.encode(waiting()))
                .replaceFirst("\\{", "{\"version\":null,\"cause\":null,\"status\":null,\"exitCode\":null,");
        assertThat(StatusReportCodec.decode(bytes(json))).isEqualTo(waiting());
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "\"healthy\":false|\"healthy\":0|at /healthy: it must be true or false",
                "\"state\":\"failed\"|\"state\":\"melted\"|at /state: this version does not know such a state",
                "\"state\":\"failed\",||the field \"state\" is missing",
                "\"kind\":\"handler-exit\"|\"kind\":\"fate\"|at /cause/kind: this version does not know such a cause",
                "\"exitCode\":2|\"exitCode\":\"2\"|at /exitCode: it must be a whole number",
                "\"exitCode\":2|\"exitCode\":4294967296|at /exitCode: the number is too large",
                "\"status\":\"error\"|\"status\":\"Error\"|at /status/substatus/0/status: it must be transitioning",
                "\"at\":\"2026|\"at\":\"yesterday 2026|at /at: it must be a time",
                "\"v\":1|\"v\":9|at /v: its format is not known",
                "\"evidence\":{|\"evidence\":{\"x\":1,|at /cause/evidence/x: it must be a string",
            })
    void refusesWhatDoesNotFit(String text, String replacement, String why) {
        String json = text(StatusReportCodec.encode(failed()));
        assertThat(json).contains(text);
        assertThatThrownBy(() ->
                        StatusReportCodec.decode(bytes(json.replace(text, replacement == null ? "" : replacement))))
                .isInstanceOf(ProblemException.class)
                .hasMessageStartingWith("cannot read the status report")
                .hasMessageContaining(why);
    }

    @Test
    void cutsAReportThatWouldBeTooLarge() {
        List<HandlerStatus.Substatus> parts = new ArrayList<>();
        Map<String, String> evidence = new HashMap<>();
        for (int i = 0; i < 3000; i++) {
            parts.add(new HandlerStatus.Substatus(
                    "part" + i, StatusWord.WARNING, "\u0001".repeat(500), "ü".repeat(5000)));
            evidence.put("k".repeat(i % 700) + i, "\u0000".repeat(100));
        }
        InstallationStatus status = new InstallationStatus(
                "n".repeat(64),
                "e".repeat(128),
                "1.0",
                InstallationState.FAILED,
                1,
                1,
                false,
                new Cause(CauseClass.HANDLER_STATUS, "enable", "m".repeat(200_000), "h", evidence),
                new HandlerStatus("Enable", StatusWord.ERROR, "1", "😀".repeat(100_000), parts),
                "\u0002".repeat(4096),
                1,
                1,
                Instant.EPOCH,
                Instant.EPOCH);
        byte[] json = StatusReportCodec.encode(status);
        assertThat(json.length).isLessThanOrEqualTo(StatusReportCodec.MAX_BYTES);
        InstallationStatus read = StatusReportCodec.decode(json);
        assertThat(Objects.requireNonNull(read.cause()).message())
                .startsWith("mmm")
                .endsWith(" ... [TRUNCATED]");
        assertThat(Objects.requireNonNull(read.status()).substatus()).isNotEmpty();
    }

    @Test
    void detailsTravelAndAreCutWhatStayedFirst() {
        Instant at = Instant.parse("2026-11-23T12:00:00Z");
        Cause cause = new Cause(CauseClass.CANCELLED, "enable", "m", "h", Map.of("by", "root"));
        StatusDetail detail = new StatusDetail(
                new Attempted("2.0", cause, at, at.plusSeconds(60)),
                new Usage(true, 1200, 4096, 7, 88),
                new RemovalReport(
                        List.of(new RemovalReport.Item("file", "/etc/gone")),
                        List.of(new RemovalReport.Item("folder", "/var/lib/kept")),
                        List.of(new RemovalReport.Item("unit", "left.service")),
                        0));
        InstallationStatus status = new InstallationStatus(
                        "a", "b.C", null, InstallationState.REMOVED, 1, 1, false, null, null, "", null, 1, at, at)
                .with(detail);
        assertThat(StatusReportCodec.decode(StatusReportCodec.encode(status))).isEqualTo(status);
        List<RemovalReport.Item> many = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            many.add(new RemovalReport.Item("file", "/etc/" + i));
        }
        RemovalReport cut = Objects.requireNonNull(StatusReportCodec.decode(StatusReportCodec.encode(
                        status.with(detail.with(new RemovalReport(many, List.of(), many.subList(0, 150), 3)))))
                .detail()
                .removal());
        assertThat(cut.left()).hasSize(150);
        assertThat(cut.gone()).hasSize(RemovalReport.MAX_ITEMS - 150);
        assertThat(cut.more()).isEqualTo(3 + 450);
    }

    @Test
    void halfACharacterDoesNotLoseTheReport() {
        InstallationStatus status = new InstallationStatus(
                "a",
                "b.C",
                null,
                InstallationState.READY,
                1,
                1,
                true,
                null,
                null,
                "\ude00 x \ud83d",
                null,
                1,
                Instant.EPOCH,
                Instant.EPOCH);
        assertThat(StatusReportCodec.decode(StatusReportCodec.encode(status)).output())
                .isEqualTo("\ufffd x \ufffd");
    }

    @Test
    void refusesAReportOverTheLimitUnread() {
        assertThatThrownBy(() -> StatusReportCodec.decode(new byte[StatusReportCodec.MAX_BYTES + 1]))
                .matches(e -> ((ProblemException) e).code() == ProblemCode.REQUEST_TOO_LARGE);
    }

    @Test
    void refusesDeepNesting() {
        assertThatThrownBy(() -> StatusReportCodec.decode(bytes("{\"x\":" + "[".repeat(30_000))))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("nested too deeply");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2})
    void damagedReportsGiveNothingButProblems(long seed) {
        Random random = new Random(seed);
        byte[] json = StatusReportCodec.encode(failed());
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = Arrays.copyOf(json, random.nextInt(4) == 0 ? random.nextInt(json.length) : json.length);
            for (int j = random.nextInt(3); j > 0 && damaged.length > 0; j--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            try {
                assertThat(StatusReportCodec.decode(damaged)).isNotNull();
            } catch (ProblemException expected) {
                assertThat(expected.detail()).startsWith("cannot read the status report");
            }
        }
    }

    private static InstallationStatus failed() {
        return new InstallationStatus(
                "web",
                "vmext.CustomScript",
                "1.0.0.3",
                InstallationState.FAILED,
                417,
                12,
                false,
                new Cause(
                        CauseClass.HANDLER_EXIT,
                        "enable",
                        "cannot enable web: the handler exited with 2",
                        "Read the output.",
                        Map.of("exitCode", "2", "pid", "711")),
                new HandlerStatus(
                        "Enable",
                        StatusWord.SUCCESS,
                        "0",
                        "läuft",
                        List.of(new HandlerStatus.Substatus("part", StatusWord.ERROR, "x", "no"))),
                "line 1\nline 2\n",
                2,
                3,
                Instant.parse("2026-11-23T15:00:00Z"),
                Instant.parse("2026-11-23T15:00:01.25Z"));
    }

    private static InstallationStatus waiting() {
        return new InstallationStatus(
                "fw",
                "vmext.Firewall",
                null,
                InstallationState.WAITING_PACKAGE,
                1,
                0,
                false,
                null,
                null,
                "",
                null,
                1,
                Instant.parse("2026-11-23T15:00:00Z"),
                Instant.parse("2026-11-23T15:00:00Z"));
    }

    private static InstallationStatus randomStatus(Random random) {
        Map<String, String> evidence = new HashMap<>();
        List<HandlerStatus.Substatus> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            evidence.put(i + text(random), text(random));
            parts.add(new HandlerStatus.Substatus(
                    text(random), any(random, StatusWord.values()), text(random), text(random)));
        }
        return new InstallationStatus(
                "n" + random.nextInt(100),
                "p.E" + random.nextInt(100),
                random.nextBoolean() ? null : "1." + random.nextInt(9),
                any(random, InstallationState.values()),
                random.nextLong() >>> 1,
                random.nextInt(1000),
                random.nextBoolean(),
                random.nextBoolean()
                        ? null
                        : new Cause(
                                any(random, CauseClass.values()), text(random), text(random), text(random), evidence),
                random.nextBoolean()
                        ? null
                        : new HandlerStatus(
                                text(random), any(random, StatusWord.values()), text(random), text(random), parts),
                text(random),
                random.nextBoolean() ? null : random.nextInt(),
                random.nextInt(100),
                Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000)),
                Instant.ofEpochMilli(random.nextInt() * 1000L));
    }

    private static <T> T any(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            text.appendCodePoint(random.nextInt(6) == 0 ? 0x1F600 + random.nextInt(30) : random.nextInt(300));
        }
        return text.toString();
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }

    private static byte[] golden(String file) throws IOException {
        try (InputStream in = StatusReportCodecTest.class.getResourceAsStream("/golden/v1/" + file)) {
            return bytes(text(Objects.requireNonNull(in).readAllBytes()).strip());
        }
    }
}
