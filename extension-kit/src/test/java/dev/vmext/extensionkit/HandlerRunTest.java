package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HandlerRunTest {
    private static Envelopes machine;

    @TempDir
    private Path root;

    private Path base;
    private Path log;
    private final Map<String, String> variables = new HashMap<>();
    private final ByteArrayOutputStream standardError = new ByteArrayOutputStream();

    @BeforeAll
    static void makeKeys() throws Exception {
        machine = new Envelopes();
    }

    @BeforeEach
    void layOutTheContractsFolders() throws Exception {
        base = root.resolve("handlers/motd/my.Ext-1.0.0");
        log = root.resolve("log/my.Ext");
        for (String folder : List.of("config", "status")) {
            Files.createDirectories(base.resolve(folder));
        }
        Files.createDirectories(log.resolve("events"));
        Files.writeString(base.resolve("HandlerEnvironment.json"), """
                [{"name": "my.Ext", "version": 1.0, "handlerEnvironment": {"logFolder": "%s", "configFolder": "%s/config", \
                "statusFolder": "%s/status", "heartbeatFile": "%s/heartbeat.log", "eventsFolder": "%s/events"}}]""".formatted(log, base, base, base, log));
        variables.put("ConfigSequenceNumber", "3");
        variables.put(
                "AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES",
                "[{\"Key\": \"ExtensionTelemetryPipeline\", \"Value\": \"1.0\"}]");
        machine.writeTo(root.resolve("handlers/motd"));
    }

    private int run(Handler handler, String... arguments) {
        PrintStream err = new PrintStream(standardError, true, StandardCharsets.UTF_8);
        InstantSource clock = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
        return new HandlerRun(handler, new HandlerRun.Surroundings(variables, base, 42, clock, err))
                .run(List.of(arguments));
    }

    private String error() {
        return standardError.toString(StandardCharsets.UTF_8);
    }

    private void settings(String publicSettings, String protectedSettings) throws Exception {
        String envelope = Base64.getEncoder().encodeToString(machine.envelope(protectedSettings, "AES"));
        Files.writeString(
                base.resolve("config/3.settings"), """
                {"runtimeSettings": [{"handlerSettings": {"publicSettings": %s, "protectedSettings": "%s", \
                "protectedSettingsCertThumbprint": "%s"}}]}""".formatted(publicSettings, envelope, machine.thumbprint));
    }

    @Test
    void refusesAnythingButOneOfTheFiveCommands() {
        Handler handler = _ -> Status.success("ok");
        assertThat(run(handler)).isEqualTo(ExitCode.USAGE);
        assertThat(run(handler, "enable", "now")).isEqualTo(ExitCode.USAGE);
        assertThat(run(handler, "Enable")).isEqualTo(ExitCode.USAGE);
        assertThat(error()).contains("install|enable|update|disable|uninstall");
    }

    @Test
    void enableReadsBothKindsOfSettingsAndWritesTheStatus() throws Exception {
        settings("{\"name\": \"x\"}", "{\"token\": \"hunter2\"}");
        int exit = run(
                context -> {
                    String token = context.settings().protectedFields().getString("token");
                    context.log().info("token is " + token);
                    return Status.success("used " + token + " for "
                                    + context.settings().publicFields().getString("name"))
                            .with(Status.Part.success("stdout", token));
                },
                "enable");

        assertThat(exit).isZero();
        assertThat(base.resolve("status/3.status")).hasContent("""
                [{"version":1.0,"timestampUTC":"2026-01-01T00:00:00Z","status":{"name":"my.Ext","operation":"Enable",\
                "configurationAppliedTime":"2026-01-01T00:00:00Z","status":"success","code":0,\
                "formattedMessage":{"lang":"en-US","message":"used *** for x"},\
                "substatus":[{"name":"stdout","status":"success","code":0,\
                "formattedMessage":{"lang":"en-US","message":"***"}}]}}]""");
        assertThat(Files.readString(log.resolve("handler.log")))
                .contains("[motd enable 3] token is ***")
                .doesNotContain("hunter2");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(base.resolve("status/3.status"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(base.resolve("status"))) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aStatusNeverExceedsTheContractsLimit() throws Exception {
        settings("{}", "{}");
        String huge = "\u0001".repeat(1_000_000);
        run(
                _ -> {
                    Status status = Status.success(huge);
                    for (int i = 0; i < 50; i++) {
                        status = status.with(Status.Part.success("part", huge));
                    }
                    return status;
                },
                "enable");
        String text = Files.readString(base.resolve("status/3.status"));
        assertThat(text.length()).isLessThanOrEqualTo(128 * 1024);
        assertThat(text).contains("[TRUNCATED]");
        assertThat(Json.parse(text)).isInstanceOf(Json.Arr.class);
    }

    @Test
    void aKnownFailureIsInStatusLogStandardErrorAndExitCode() throws Exception {
        settings("{\"prot\": 1}", "{}");
        int exit = run(
                context -> {
                    Fields fields = context.settings().publicFields();
                    fields.findString("port");
                    fields.refuseUnknown();
                    return Status.success("never");
                },
                "enable");

        assertThat(exit).isEqualTo(ExitCode.CONFIGURATION);
        String said = "cannot use settings: there is no setting \"prot\". Did you mean port?";
        assertThat(error()).contains(said);
        assertThat(Files.readString(log.resolve("handler.log"))).contains(said);
        assertThat(Files.readString(base.resolve("status/3.status")))
                .contains("\"status\":\"error\",\"code\":53", "Did you mean port?");
    }

    @Test
    void aDefectOfTheHandlerIsCalledOne() throws Exception {
        settings("{}", "{}");
        int exit = run(
                _ -> {
                    throw new IllegalStateException("oops");
                },
                "enable");
        assertThat(exit).isEqualTo(ExitCode.FAULT);
        assertThat(error()).contains("cannot enable: fault in the handler", "oops");
    }

    @Test
    void secretsStayHiddenInAFailure() throws Exception {
        settings("{}", "{\"token\": \"hunter2\"}");
        run(
                context -> {
                    throw new HandlerException(
                            9,
                            "cannot log in with "
                                    + context.settings().protectedFields().getString("token"),
                            "");
                },
                "enable");
        assertThat(error()).contains("cannot log in with ***").doesNotContain("hunter2");
        assertThat(Files.readString(base.resolve("status/3.status"))).doesNotContain("hunter2");
    }

    @Test
    void protectedSettingsForAnotherKeyAreAConfigurationError() throws Exception {
        settings("{}", "{\"token\": \"hunter2\"}");
        Files.delete(root.resolve("handlers/motd/" + machine.thumbprint + ".prv"));
        assertThat(run(context -> Status.success(context.settings().toString()), "enable"))
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(error())
                .contains(
                        "cannot decrypt the protected settings for certificate " + machine.thumbprint, "no such file");
    }

    @Test
    void aThumbprintIsNeverAPath() throws Exception {
        Files.writeString(base.resolve("config/3.settings"), """
                {"runtimeSettings": [{"handlerSettings": {"publicSettings": null, "protectedSettings": "AAAA", \
                "protectedSettingsCertThumbprint": "../../etc/x"}}]}""");
        assertThat(run(context -> Status.success(context.settings().toString()), "enable"))
                .isEqualTo(ExitCode.CONFIGURATION);
        assertThat(error()).contains("not 40 hexadecimal digits");
    }

    @Test
    void anEmptySettingsFileMeansNoSettings() throws Exception {
        Files.createFile(base.resolve("config/0.settings"));
        variables.put("ConfigSequenceNumber", "0");
        int exit = run(
                context -> Status.success(context.settings().publicSettings().text()), "enable");
        assertThat(exit).isZero();
        assertThat(Files.readString(base.resolve("status/0.status"))).contains("\"message\":\"{}\"");
    }

    @Test
    void withoutANamedSequenceNumberTheHighestCounts() throws Exception {
        variables.remove("ConfigSequenceNumber");
        for (String n : List.of("2", "10", "9")) {
            Files.createFile(base.resolve("config/" + n + ".settings"));
        }
        run(context -> Status.success("n " + context.sequenceNumber()), "enable");
        assertThat(base.resolve("status/10.status")).exists();
    }

    @Test
    void namedExtensionsHaveTheirOwnFiles() throws Exception {
        variables.put("ConfigExtensionName", "blue");
        Files.writeString(
                base.resolve("config/blue.3.settings"),
                "{\"runtimeSettings\": [{\"handlerSettings\": {\"publicSettings\": {\"a\": \"b\"}}}]}");
        run(context -> Status.success(context.settings().publicSettings().text()), "enable");
        assertThat(base.resolve("status/blue.3.status")).exists();
    }

    @Test
    void eventsAreFilesOfDigitsWithAllFields() throws Exception {
        settings("{}", "{\"token\": \"hunter2\"}");
        run(
                context -> {
                    context.settings();
                    context.events().event(Events.Severity.WARNING, "Scan", "found hunter2\nin a file");
                    return Status.success("ok");
                },
                "enable");
        try (var files = Files.list(log.resolve("events"))) {
            Path file = files.toList().getFirst();
            assertThat(file.getFileName().toString()).matches("[0-9]+\\.json");
            assertThat(Files.readString(file)).isEqualTo("""
                    {"Version":"","Timestamp":"2026-01-01T00:00:00Z","TaskName":"Scan",\
                    "EventLevel":"Warning","Message":"found ***\\nin a file","EventPid":"42","EventTid":"1","OperationId":"3"}""");
        }
    }

    @Test
    void aMissingEnvironmentSaysWhereItShouldBe() throws Exception {
        Files.delete(base.resolve("HandlerEnvironment.json"));
        assertThat(run(_ -> Status.success("x"), "enable")).isEqualTo(ExitCode.ENVIRONMENT);
        assertThat(error()).contains(base.resolve("HandlerEnvironment.json").toString(), "no such file");
    }

    @Test
    void aSequenceNumberCountsAsBegunAfterACrash() throws Exception {
        settings("{}", "{}");
        Handler crashes = context -> {
            context.sequenceFile().begin(context.sequenceNumber());
            throw new IllegalStateException("power cut");
        };
        run(crashes, "enable");
        run(
                context -> Status.success("begun " + context.sequenceFile().alreadyBegun(3) + " "
                        + context.sequenceFile().alreadyBegun(4)),
                "enable");
        assertThat(Files.readString(base.resolve("status/3.status"))).contains("begun true false");
    }

    @Test
    void anEnableWithNothingNewToSayLeavesTheStatusAsItIs() throws Exception {
        settings("{}", "{}");
        run(_ -> Status.error(7, "was").with(Status.Part.success("stdout", "x")), "enable");
        Path file = base.resolve("status/3.status");
        Files.writeString(file, Files.readString(file) + "\n");
        run(context -> context.findFinalStatus().orElseThrow(), "enable");
        assertThat(Files.readString(file)).contains("\"message\":\"was\"").endsWith("\n");
    }

    @Test
    void aStatusHandedOverToAUnitIsNotWrittenOverTheUnitsOwn() throws Exception {
        settings("{}", "{}");
        int exit = run(
                context -> {
                    Status goesOn = Status.transitioning("the unit works");
                    context.report(goesOn);
                    try {
                        SmallFiles.replace(context.statusPath(), "the unit's own words", "rw-------");
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    return goesOn;
                },
                "enable");
        assertThat(exit).isZero();
        assertThat(base.resolve("status/3.status")).hasContent("the unit's own words");
    }

    @Test
    void aTransitioningAnswerThatWasNotReportedIsWritten() throws Exception {
        settings("{}", "{}");
        assertThat(run(_ -> Status.transitioning("the unit works"), "enable")).isZero();
        assertThat(Files.readString(base.resolve("status/3.status"))).contains("transitioning", "the unit works");
    }

    @Test
    void aFailedUninstallWritesNoStatus() throws Exception {
        Handler handler = new Handler() {
            @Override
            public Status enable(HandlerContext context) {
                return Status.success("ok");
            }

            @Override
            public void uninstall(HandlerContext context) {
                throw new HandlerException(5, "cannot remove it", "Try again.");
            }
        };
        assertThat(run(handler, "uninstall")).isEqualTo(5);
        assertThat(base.resolve("status/3.status")).doesNotExist();
    }

    @Test
    void heartbeatIsWrittenAsTheContractSays() throws Exception {
        settings("{}", "{}");
        run(
                context -> {
                    context.heartbeat().beat(true, 0, "running");
                    return Status.success("ok");
                },
                "enable");
        assertThat(base.resolve("heartbeat.log")).hasContent("""
                [{"version":1.0,"heartbeat":{"status":"ready","code":0,"Message":"running"}}]""");
    }
}
