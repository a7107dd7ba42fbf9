package dev.vmext.customscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ScriptSettingsTest {
    private static ScriptSettings of(String open, String secret) {
        return ScriptSettings.from(new Settings(1, (Json.Obj) Json.parse(open), (Json.Obj) Json.parse(secret)));
    }

    @Test
    void joinsPublicAndProtectedSettings() {
        ScriptSettings settings = of(
                "{\"script\":\"echo\",\"arguments\":[\"a\"],\"environment\":{\"A\":\"1\"}}",
                "{\"arguments\":[\"b\"],\"environment\":{\"B\":\"2\"}}");
        assertThat(settings.source()).isEqualTo(new ScriptSettings.Source.Text("echo\n"));
        assertThat(settings.arguments()).containsExactly("a", "b");
        assertThat(settings.environment()).containsEntry("A", "1").containsEntry("B", "2");
        assertThat(settings.timeout().toSeconds()).isEqualTo(1800);
        assertThat(settings).hasToString("ScriptSettings[timeout=PT30M]");
    }

    @Test
    void repairsScriptsWrittenOnWindows() {
        assertThat(of("{\"script\":\"\\ufeff#!/bin/sh\\r\\necho\\r\\n\"}", "{}").source())
                .isEqualTo(new ScriptSettings.Source.Text("#!/bin/sh\necho\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | {} | name none",
                "{\"script\":\"a\"} | {\"script\":\"b\"} | more than one",
                "{\"script\":\"a\",\"commandToExecute\":\"b\"} | {} | more than one",
                "{\"script\":\" \"} | {} | settings.script: it is empty",
                "{\"script\":\"a\\u0000b\"} | {} | NUL",
                "{\"script\":\"a\",\"scripts\":\"b\"} | {} | no setting \"scripts\"",
                "{\"script\":\"a\"} | {\"environment\":{\"A B\":\"x\"}} | protectedSettings.environment",
                "{\"script\":\"a\",\"environment\":{\"A\":\"\"}} | {\"environment\":{\"A\":\"x\"}} | public settings"
                        + " too",
                "{\"script\":\"a\",\"environment\":{\"VMEXT_SCRIPT_RUN\":\"\"}} | {} | by the extension itself",
                "{\"script\":\"a\",\"timeoutSeconds\":0} | {} | from 1 to 14400",
                "{\"script\":\"a\",\"workingDirectory\":\"relative\"} | {} | absolute path",
                "{\"script\":\"a\",\"workingDirectory\":\"/no/such/folder\"} | {} | existing folder",
                "{\"script\":\"a\",\"arguments\":\"b\"} | {} | it is a text, not a list",
                "{\"scriptFile\":\"x\"} | {} | it names none of the files",
                "{\"scriptFile\":\"x\",\"script\":\"a\"} | {} | more than one",
                "{\"script\":\"a\",\"files\":[{\"name\":\"../x\",\"content\":\"\"}]} | {} | settings.files[0].name",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\"}]} | {} | exactly one of content and url",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\",\"url\":\"http://h/x\"}]} | {} |"
                        + " settings.files[0].digest: it is missing",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\",\"url\":\"http://h/x\",\"digest\":\"abc\"}]} | {} | as"
                        + " sha256sum prints",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\",\"url\":\"http://u:p@h/x\",\"digest\":\"abc\"}]} | {} |"
                        + " without a user",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\",\"content\":\"\",\"digest\":\"abc\"}]} | {} | no setting"
                        + " \"digest\"",
                "{\"script\":\"a\",\"files\":[{\"name\":\"x\",\"content\":\"\"}]} |"
                        + " {\"files\":[{\"name\":\"x\",\"content\":\"\"}]} | another file of that name",
                "{\"script\":\"a\",\"run\":\"never\"} | {} | not one of every-change, once",
                "{\"script\":\"a\",\"proxy\":\"socks://x\"} | {} | settings.proxy",
                "{\"script\":\"a\",\"downloadTimeoutSeconds\":3601} | {} | from 1 to 3600",
                "{\"script\":\"a\",\"environment\":{\"VMEXT_SCRIPT_FILES\":\"\"}} | {} | by the extension itself",
            })
    void refusesSettingsThatCannotBeRun(String open, String secret, String why) {
        assertThatThrownBy(() -> of(open, secret))
                .isInstanceOf(HandlerException.class)
                .satisfies(e -> assertThat(((HandlerException) e).exitCode()).isEqualTo(53))
                .hasMessageContaining(why);
    }

    @Test
    void theFirstLineNamesTheInterpreter() {
        assertThat(Interpreter.of("echo")).containsExactly("/bin/sh");
        assertThat(Interpreter.of("#! /usr/bin/env  sh -x y\n")).containsExactly("/usr/bin/env", "sh -x y");
        assertThatThrownBy(() -> Interpreter.of("#!/usr/bin/nope -x\n")).hasMessageContaining("/usr/bin/nope");
        assertThatThrownBy(() -> Interpreter.of("#!\n")).hasMessageContaining("no program");
        assertThatThrownBy(() -> Interpreter.of("#!python\n")).hasMessageContaining("python");
    }
}
