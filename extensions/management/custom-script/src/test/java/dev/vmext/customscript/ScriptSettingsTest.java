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
        assertThat(settings.script()).isEqualTo("echo\n");
        assertThat(settings.arguments()).containsExactly("a", "b");
        assertThat(settings.environment()).containsEntry("A", "1").containsEntry("B", "2");
        assertThat(settings.timeout().toSeconds()).isEqualTo(1800);
        assertThat(settings).hasToString("ScriptSettings[timeout=PT30M]");
    }

    @Test
    void repairsScriptsWrittenOnWindows() {
        assertThat(of("{\"script\":\"\\ufeff#!/bin/sh\\r\\necho\\r\\n\"}", "{}").script())
                .isEqualTo("#!/bin/sh\necho\n");
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
                "{\"script\":\"a\",\"environment\":{\"A\":\"\"}} | {\"environment\":{\"A\":\"x\"}} | public settings too",
                "{\"script\":\"a\",\"environment\":{\"VMEXT_SCRIPT_RUN\":\"\"}} | {} | by the extension itself",
                "{\"script\":\"a\",\"timeoutSeconds\":0} | {} | from 1 to 14400",
                "{\"script\":\"a\",\"workingDirectory\":\"relative\"} | {} | absolute path",
                "{\"script\":\"a\",\"workingDirectory\":\"/no/such/folder\"} | {} | existing folder",
                "{\"script\":\"a\",\"arguments\":\"b\"} | {} | it is a text, not a list",
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
