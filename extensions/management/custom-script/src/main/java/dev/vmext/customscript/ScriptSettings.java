package dev.vmext.customscript;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What to run, from public and protected settings together, checked. Its text form shows nothing of it.
 *
 * @param files what has to be there before it runs
 * @param once whether a change of the settings does not run it again after it has ended well
 */
record ScriptSettings(
        Source source,
        List<ScriptFile> files,
        List<String> arguments,
        Map<String, String> environment,
        Duration timeout,
        Duration downloadTimeout,
        Optional<URI> proxy,
        Optional<Path> workingDirectory,
        boolean once) {
    static final int LONGEST_SCRIPT = 256 * 1024;
    static final int DEFAULT_TIMEOUT_SECONDS = 1800;
    static final int LONGEST_TIMEOUT_SECONDS = 14_400;
    static final int DEFAULT_DOWNLOAD_SECONDS = 600;
    static final int LONGEST_DOWNLOAD_SECONDS = 3600;
    private static final int MOST_FILES = 64;
    private static final Pattern PROXY = Pattern.compile("http://[A-Za-z0-9.\\[\\]:-]+:[0-9]{1,5}/?");
    private static final Set<String> OWN_VARIABLES = Set.of(ScriptRun.MARK, ScriptRun.FILES);

    /** Where the script comes from. */
    sealed interface Source {
        /** The text itself. */
        record Text(String script) implements Source {}

        /** One of the files. */
        record File(String name) implements Source {}
    }

    ScriptSettings {
        files = List.copyOf(files);
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    static ScriptSettings from(Settings settings) {
        Fields open = settings.publicFields();
        Fields secret = settings.protectedFields();
        List<Source> sources = new ArrayList<>();
        open.findString("script").ifPresent(s -> sources.add(new Source.Text(script(open, "script", s))));
        // A command is a script of one line: it becomes a file too, and is never put on a command line.
        open.findString("commandToExecute")
                .ifPresent(s -> sources.add(new Source.Text(script(open, "commandToExecute", s))));
        open.findString("scriptFile").ifPresent(s -> sources.add(new Source.File(s)));
        secret.findString("script").ifPresent(s -> sources.add(new Source.Text(script(secret, "script", s))));
        if (sources.size() != 1) {
            throw HandlerException.badSettings(
                    sources.isEmpty()
                            ? "cannot run a script: the settings name none"
                            : "cannot run a script: the settings name more than one",
                    "Give exactly one of settings.script, settings.commandToExecute, settings.scriptFile and "
                            + "protectedSettings.script.");
        }
        List<ScriptFile> files = files(open, secret);
        if (sources.getFirst() instanceof Source.File(String name)
                && files.stream().noneMatch(f -> f.name().equals(name))) {
            throw open.problem("scriptFile", "it names none of the files");
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
        int download = open.getInt("downloadTimeoutSeconds", DEFAULT_DOWNLOAD_SECONDS, 1, LONGEST_DOWNLOAD_SECONDS);
        Optional<URI> proxy = open.findString("proxy").map(text -> proxy(open, text));
        boolean once = open.getWord("run", "every-change", List.of("every-change", "once"))
                .equals("once");
        open.refuseUnknown();
        secret.refuseUnknown();
        return new ScriptSettings(
                sources.getFirst(),
                files,
                arguments,
                environment,
                Duration.ofSeconds(seconds),
                Duration.ofSeconds(download),
                proxy,
                folder,
                once);
    }

    private static List<ScriptFile> files(Fields open, Fields secret) {
        List<ScriptFile> files = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Fields fields : List.of(open, secret)) {
            int number = 0;
            for (Json one : fields.getList("files")) {
                String key = "files[" + number++ + "]";
                ScriptFile file = ScriptFile.from(Fields.of(fields.path() + "." + key, one), fields == secret);
                if (!names.add(file.name())) {
                    throw fields.problem(key, "there is another file of that name");
                }
                files.add(file);
            }
        }
        if (files.size() > MOST_FILES) {
            throw open.problem("files", "there are more than " + MOST_FILES);
        }
        return files;
    }

    private static URI proxy(Fields fields, String text) {
        if (!PROXY.matcher(text).matches()) {
            throw fields.problem("proxy", "it is not an address like http://proxy.example:3128");
        }
        URI proxy = URI.create(text);
        if (proxy.getHost() == null || proxy.getPort() < 1 || proxy.getPort() > 65_535) {
            throw fields.problem("proxy", "it has no host, or a port that is not from 1 to 65535");
        }
        return proxy;
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
            if (OWN_VARIABLES.contains(name)) {
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
