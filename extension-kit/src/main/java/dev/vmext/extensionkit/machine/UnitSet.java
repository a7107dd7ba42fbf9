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
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All units of systemd that belong to one extension, known by how their names begin: timers, sockets, services and templates. They
 * are changed together, because each word with systemd is dear on a slow machine: one reload for all files, one call to enable
 * them. Every call may be repeated. What systemctl refuses is a {@link HandlerException} with its own words. One thread.
 *
 * <p>For a unit or two, and for those of others, {@link Units} is the simpler tool.
 */
public final class UnitSet {
    private final Programs programs;
    private final Path unitFolder;
    private final String prefix;
    private final Duration timeout;

    /**
     * The units whose names begin with a prefix and a hyphen.
     *
     * @param unitFolder where unit files are written, usually {@code /etc/systemd/system}
     * @param prefix must be this extension's alone: unit files with it that are not asked for are deleted
     * @param timeout how long one word with systemd may take; starting a oneshot unit takes as long as its work
     */
    public UnitSet(Programs programs, Path unitFolder, String prefix, Duration timeout) {
        if (!prefix.matches("[a-z0-9][a-z0-9-]+")) {
            throw new IllegalArgumentException("cannot keep units that begin with '" + prefix + "'");
        }
        this.programs = programs;
        this.unitFolder = unitFolder;
        this.prefix = prefix;
        this.timeout = timeout;
    }

    /** Refuses a calendar expression that systemd does not understand, before anything was changed. */
    public void checkCalendar(String setting, String expression) {
        Programs.Result result = programs.run(timeout, "", List.of("systemd-analyze", "calendar", "--", expression));
        if (!result.ok()) {
            throw HandlerException.badSettings(
                    "cannot use settings." + setting + ": systemd does not understand it: " + result.lastLines(),
                    "Write it as man systemd.time says, like *-*-* 03:00:00 or Sun 02:00. Nothing was changed.");
        }
    }

    /** The unit files as they are, by name. */
    public Map<String, String> read() throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (String name : own()) {
            files.put(name, Files.readString(unitFolder.resolve(name)));
        }
        return files;
    }

    /**
     * Makes the unit files exactly these and those of the list active. What is not wanted any more is stopped and deleted.
     *
     * @param restart units whose configuration changed: they are restarted where they are of the active ones
     * @return names of the unit files that were written, because they were not there or not like this
     */
    public List<String> replace(Map<String, String> files, List<String> active, List<String> restart)
            throws IOException {
        List<String> obsolete =
                own().stream().filter(name -> !files.containsKey(name)).toList();
        stop(obsolete);
        forgetTimes(obsolete);
        for (String name : obsolete) {
            Files.delete(unitFolder.resolve(name));
        }
        List<String> written = new ArrayList<>();
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = unitFolder.resolve(file.getKey());
            if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
                SmallFiles.replace(path, file.getValue(), "rw-r--r--");
                written.add(file.getKey());
            }
        }
        if (!obsolete.isEmpty() || !written.isEmpty()) {
            systemctl("read the units", List.of("daemon-reload"));
        }
        systemctl("enable the units", words("enable", active));
        // A timer whose times changed counts from the new ones only after a restart.
        List<String> again = active.stream()
                .filter(unit -> written.contains(unit) || restart.contains(unit))
                .toList();
        systemctl("start the units", words("restart", again));
        systemctl(
                "start the units",
                words("start", active.stream().filter(n -> !again.contains(n)).toList()));
        return written;
    }

    /** Stops everything, work that runs included, and starts nothing at the next boot. */
    public void disable() throws IOException {
        stop(own());
    }

    /** Stops everything and deletes the unit files. */
    public void remove() throws IOException {
        Collection<String> own = own();
        if (own.isEmpty()) {
            return;
        }
        stop(own);
        forgetTimes(own);
        for (String name : own) {
            Files.delete(unitFolder.resolve(name));
        }
        systemctl("forget the units", List.of("daemon-reload"));
        // A unit that failed is remembered by name until this; that none is remembered is no failure.
        programs.run(timeout, "", List.of("systemctl", "reset-failed", prefix + "-*"));
    }

    /**
     * Runs a oneshot unit to its end. What it could not do is told by the unit itself, as a finding. A run that is under way, which may
     * have read what was there before, is waited for and followed by one of its own: systemd alone would take it for the one asked for.
     */
    public boolean run(String unit) {
        Programs.Result state =
                programs.run(timeout, "", List.of("systemctl", "show", "--property=ActiveState", "--value", unit));
        if (state.output().strip().equals("activating")) {
            programs.run(timeout, "", List.of("systemctl", "start", unit));
        }
        return programs.run(timeout, "", List.of("systemctl", "start", unit)).ok();
    }

    /** Begins a unit and does not wait for it. */
    public void begin(String unit) {
        systemctl("begin " + unit, List.of("start", "--no-block", unit));
    }

    /** Keeps units of others from starting in any way, such as those of a package that is about to be installed. */
    public void mask(List<String> units) {
        systemctl("mask " + units, words("mask", units));
    }

    public void unmask(List<String> units) {
        systemctl("unmask " + units, words("unmask", units));
    }

    private void stop(Collection<String> names) {
        List<String> enabled = names.stream().filter(n -> !n.contains("@")).toList();
        if (!enabled.isEmpty()) {
            systemctl("disable the units", words("disable", enabled));
            // Timers and sockets first: else one could begin what was just stopped.
            systemctl(
                    "stop the units",
                    words(
                            "stop",
                            enabled.stream()
                                    .filter(n -> !n.endsWith(".service"))
                                    .toList()));
        }
        List<String> patterns = names.stream()
                .filter(n -> n.endsWith(".service"))
                .map(n -> n.replace("@.", "@*."))
                .toList();
        systemctl("stop the units", words("stop", patterns));
    }

    /** A timer that catches up on missed times leaves a file with its last one, which stays when the timer goes. */
    private void forgetTimes(Collection<String> names) {
        List<String> timers =
                names.stream().filter(name -> name.endsWith(".timer")).toList();
        if (!timers.isEmpty()) {
            // systemd refuses a timer that it does not know, because its file was never read: then there is no such
            // file either.
            List<String> command = new ArrayList<>(List.of("systemctl", "clean", "--what=state"));
            command.addAll(timers);
            programs.run(timeout, "", command);
        }
    }

    private Collection<String> own() throws IOException {
        if (!Files.isDirectory(unitFolder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(unitFolder)) {
            return new TreeSet<>(files.map(f -> String.valueOf(f.getFileName()))
                    .filter(n -> n.startsWith(prefix + "-"))
                    .filter(n -> n.matches(".*\\.(service|timer|path|socket)"))
                    .toList());
        }
    }

    private static List<String> words(String verb, Collection<String> units) {
        List<String> words = new ArrayList<>(List.of(verb));
        words.addAll(units);
        return words;
    }

    private void systemctl(String what, List<String> words) {
        if (words.size() < 2 && !words.contains("daemon-reload")) {
            return;
        }
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(words);
        Programs.Result result = programs.run(timeout, "", command);
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot %s: systemctl ended with %d: %s".formatted(what, result.exitCode(), result.lastLines()),
                    "Look at the unit with systemctl status and journalctl -u on the machine.");
        }
    }
}
