package dev.vmext.customscript;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What to run, from public and protected settings together, checked. Its text form shows nothing of it. */
record ScriptSettings(
        String script,
        List<String> arguments,
        Map<String, String> environment,
        Duration timeout,
        Optional<Path> workingDirectory) {
    static final int LONGEST_SCRIPT = 256 * 1024;
    static final int DEFAULT_TIMEOUT_SECONDS = 1800;
    static final int LONGEST_TIMEOUT_SECONDS = 14_400;

    ScriptSettings {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    static ScriptSettings from(Settings settings) {
        Fields open = settings.publicFields();
        Fields secret = settings.protectedFields();
        List<String> scripts = new ArrayList<>();
        open.findString("script").ifPresent(s -> scripts.add(script(open, "script", s)));
        // A command is a script of one line: it becomes a file too, and is never put on a command line.
        open.findString("commandToExecute").ifPresent(s -> scripts.add(script(open, "commandToExecute", s)));
        secret.findString("script").ifPresent(s -> scripts.add(script(secret, "script", s)));
        if (scripts.size() != 1) {
            throw HandlerException.badSettings(
                    scripts.isEmpty()
                            ? "cannot run a script: the settings name none"
                            : "cannot run a script: the settings name more than one",
                    "Give exactly one of settings.script, settings.commandToExecute and protectedSettings.script.");
        }
        List<String> arguments = new ArrayList<>(arguments(open));
        arguments.addAll(arguments(secret));
        Map<String, String> environment = new LinkedHashMap<>(environment(open));
        environment(secret).forEach((name, value) -> {
            if (environment.put(name, value) != null) {
                throw secret.problem("environment", "the variable " + name + " is in the public settings too");
            }
        });
        int seconds = open.getInt("timeoutSeconds", DEFAULT_TIMEOUT_SECONDS, 1, LONGEST_TIMEOUT_SECONDS);
        Optional<Path> folder = open.findString("workingDirectory").map(text -> folder(open, text));
        open.refuseUnknown();
        secret.refuseUnknown();
        return new ScriptSettings(scripts.getFirst(), arguments, environment, Duration.ofSeconds(seconds), folder);
    }

    private static String script(Fields fields, String key, String text) {
        // Scripts written on Windows fail with messages nobody understands; the kernel wants plain line feeds.
        String script = text.replace("\r\n", "\n");
        if (script.startsWith("\ufeff")) {
            script = script.substring(1);
        }
        if (script.isBlank()) {
            throw fields.problem(key, "it is empty");
        }
        if (script.length() > LONGEST_SCRIPT) {
            throw fields.problem(key, "it is longer than " + LONGEST_SCRIPT + " characters");
        }
        refuseNul(fields, key, script);
        return script.endsWith("\n") ? script : script + "\n";
    }

    private static List<String> arguments(Fields fields) {
        List<String> arguments = fields.getStrings("arguments");
        arguments.forEach(a -> refuseNul(fields, "arguments", a));
        return arguments;
    }

    private static Map<String, String> environment(Fields fields) {
        Map<String, String> environment = fields.getStringMap("environment");
        environment.forEach((name, value) -> {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw fields.problem(
                        "environment", "a name of a variable is not made of letters, digits and underscores");
            }
            if (name.equals(ScriptRun.MARK)) {
                throw fields.problem("environment", name + " is set by the extension itself");
            }
            refuseNul(fields, "environment", value);
        });
        return environment;
    }

    private static Path folder(Fields fields, String text) {
        refuseNul(fields, "workingDirectory", text);
        Path folder = Path.of(text);
        if (!folder.isAbsolute() || !Files.isDirectory(folder)) {
            throw fields.problem("workingDirectory", "it is not the absolute path of an existing folder");
        }
        return folder;
    }

    private static void refuseNul(Fields fields, String key, String text) {
        if (text.indexOf('\0') >= 0) {
            throw fields.problem(key, "it has a NUL character");
        }
    }

    @Override
    public String toString() {
        return "ScriptSettings[timeout=" + timeout + "]";
    }
}
