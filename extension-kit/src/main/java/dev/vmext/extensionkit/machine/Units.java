package dev.vmext.extensionkit.machine;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Units of systemd: what a handler leaves running, and what was there already. Every call may be repeated. What systemctl refuses
 * is a {@link HandlerException} with its own words. One thread.
 */
public final class Units {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Programs programs;
    private final Path unitFolder;

    /**
     * The units of one folder.
     *
     * @param unitFolder where unit files are written, usually {@code /etc/systemd/system}
     */
    public Units(Programs programs, Path unitFolder) {
        this.programs = programs;
        this.unitFolder = unitFolder;
    }

    /** What a unit is doing. */
    public enum State {
        /** It runs, or it did what it does once and remains so. */
        ACTIVE,
        /** On its way up or down. */
        CHANGING,
        FAILED,
        /** Stopped, or there is no such unit. */
        INACTIVE
    }

    /** Whether this machine was booted with systemd and answers. */
    public boolean available() {
        Programs.Result result = systemctl("is-system-running");
        return !result.isMissing()
                && List.of("initializing", "starting", "running", "degraded", "maintenance", "stopping")
                        .contains(result.output().strip());
    }

    /** Writes a unit file, and makes systemd read it when it changed. Returns whether it did. */
    public boolean write(String name, String text) throws IOException {
        return replace(file(name), text);
    }

    /** As {@link #write(String, String)} for several, texts by names; systemd reads them once. Returns whether one changed. */
    public boolean write(Map<String, String> texts) throws IOException {
        boolean changed = false;
        for (Map.Entry<String, String> unit : texts.entrySet()) {
            changed |= replaceFile(file(unit.getKey()), unit.getValue());
        }
        if (changed) {
            run("daemon-reload");
        }
        return changed;
    }

    /** Writes {@code <unit>.d/<name>.conf}, which changes a unit of somebody else. Returns whether it changed. */
    public boolean writeDropIn(String unit, String name, String text) throws IOException {
        return replace(dropIn(unit, name), text);
    }

    /** Now and at every boot. */
    public void enableNow(String name) {
        run("enable", "--now", checked(name));
    }

    /** At every boot, without starting them now. Several in one step: systemd reads all its units anew for each. */
    public void enable(String... names) {
        run("enable", checked(names));
    }

    /** Starts them, or stops and starts them. */
    public void restart(String... names) {
        run("restart", checked(names));
    }

    /** Stops those of these whose files are there, and they do not start at boot. */
    public void disableNow(Collection<String> names) {
        List<String> there =
                names.stream().filter(name -> Files.exists(file(name))).toList();
        if (!there.isEmpty()) {
            run("disable", Stream.concat(Stream.of("--now"), there.stream()).toArray(String[]::new));
        }
    }

    /** Stops it, and it does not start at boot. A unit that is not there is fine. */
    public void disableNow(String name) {
        Programs.Result result = systemctl("disable", "--now", checked(name));
        if (!result.ok() && exists(name)) {
            throw refused("disable " + name, result);
        }
    }

    /** Stops and disables it, and deletes its file. */
    public void remove(String name) throws IOException {
        remove(List.of(name));
    }

    /** Stops and disables them, and deletes their files. Templates ({@code name@.service}) are only deleted. */
    public void remove(Collection<String> names) throws IOException {
        List<String> there =
                names.stream().filter(name -> Files.exists(file(name))).toList();
        if (there.isEmpty()) {
            return;
        }
        disableNow(there.stream().filter(name -> !name.contains("@.")).toList());
        List<String> timers =
                there.stream().filter(name -> name.endsWith(".timer")).toList();
        if (!timers.isEmpty()) {
            // A timer that catches up on missed times leaves a file with its last one. systemd refuses a timer whose
            // file it never read: then there is no such file either.
            systemctl(Stream.concat(Stream.of("clean", "--what=state"), timers.stream())
                    .toArray(String[]::new));
        }
        for (String name : there) {
            Files.delete(file(name));
        }
        run("daemon-reload");
        // A unit that failed is remembered by name until this; that it is not remembered is no failure.
        systemctl(Stream.concat(Stream.of("reset-failed"), there.stream()).toArray(String[]::new));
    }

    /** Deletes what {@link #writeDropIn} wrote. Returns whether it was there; the unit itself is not restarted. */
    public boolean removeDropIn(String unit, String name) throws IOException {
        Path file = dropIn(unit, name);
        if (!Files.deleteIfExists(file)) {
            return false;
        }
        Path folder = file.getParent();
        if (folder != null) {
            try (var left = Files.list(folder)) {
                if (left.findAny().isEmpty()) {
                    Files.delete(folder);
                }
            }
        }
        run("daemon-reload");
        return true;
    }

    public State state(String name) {
        return switch (systemctl("is-active", checked(name)).output().strip()) {
            case "active", "reloading", "refreshing" -> State.ACTIVE;
            case "activating", "deactivating", "maintenance" -> State.CHANGING;
            case "failed" -> State.FAILED;
            default -> State.INACTIVE;
        };
    }

    /** Whether systemd knows a unit of this name, whoever wrote it. */
    public boolean exists(String name) {
        return systemctl("cat", checked(name)).ok();
    }

    /** The last lines its processes wrote to the journal, newest last; empty when there is no journal. */
    public Optional<String> lastWords(String name, int lines) {
        Programs.Result result = programs.run(
                TIMEOUT,
                "",
                List.of(
                        "journalctl",
                        "-q",
                        "--no-pager",
                        "-o",
                        "cat",
                        "-n",
                        String.valueOf(lines),
                        "-u",
                        checked(name)));
        return result.ok() && !result.output().isBlank()
                ? Optional.of(result.output().strip())
                : Optional.empty();
    }

    private boolean replace(Path file, String text) throws IOException {
        boolean changed = replaceFile(file, text);
        if (changed) {
            run("daemon-reload");
        }
        return changed;
    }

    private static boolean replaceFile(Path file, String text) throws IOException {
        if (Files.exists(file) && Files.readString(file).equals(text)) {
            return false;
        }
        SmallFiles.replace(file, text, "rw-r--r--");
        return true;
    }

    private Path file(String name) {
        return unitFolder.resolve(checked(name));
    }

    private Path dropIn(String unit, String name) {
        if (!name.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("cannot use " + name + ": it is not a name of a drop-in");
        }
        return unitFolder.resolve(checked(unit) + ".d").resolve(name + ".conf");
    }

    /** Names are ours, never from settings; a slip must not become a path or an option all the same. */
    private static String checked(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9:_.@\\\\-]*\\.(service|socket|timer|path|mount|slice|target)")) {
            throw new IllegalArgumentException("cannot use " + name + ": it is not a name of a unit");
        }
        return name;
    }

    private static String[] checked(String... names) {
        return Stream.of(names).map(Units::checked).toArray(String[]::new);
    }

    private void run(String verb, String... words) {
        Programs.Result result =
                systemctl(Stream.concat(Stream.of(verb), Stream.of(words)).toArray(String[]::new));
        if (!result.ok()) {
            throw refused((verb + " " + String.join(" ", words)).strip(), result);
        }
    }

    private static HandlerException refused(String what, Programs.Result result) {
        return result.isMissing()
                ? new HandlerException(
                        ExitCode.MISSING_DEPENDENCY,
                        "cannot " + what + ": there is no systemctl on this machine",
                        "This extension needs systemd.")
                : new HandlerException(
                        ExitCode.EXECUTION,
                        "cannot " + what + ": systemctl ended with " + result.exitCode() + ": " + result.lastLines(),
                        "Look at the unit with systemctl status and journalctl -u on the machine.");
    }

    private Programs.Result systemctl(String... words) {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(words));
        return programs.run(TIMEOUT, "", command);
    }
}
