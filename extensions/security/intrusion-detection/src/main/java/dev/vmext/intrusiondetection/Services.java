package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Programs;
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
 * The extension's units on this machine. They are changed together, because each word with systemd is dear on a slow machine: one
 * reload for all files, one call to enable them. Every method may be repeated. One thread.
 */
final class Services {
    private static final Duration TIMEOUT = Duration.ofMinutes(25);

    private final Programs programs;
    private final Places places;

    Services(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /** Refuses a calendar expression that systemd does not understand, before anything was changed. */
    void checkCalendar(String setting, String expression) {
        Programs.Result result = programs.run(TIMEOUT, "", List.of("systemd-analyze", "calendar", "--", expression));
        if (!result.ok()) {
            throw HandlerException.badSettings(
                    "cannot use settings." + setting + ": systemd does not understand it: " + result.lastLines(),
                    "Write it as man systemd.time says, like *-*-* 03:00:00 or Sun 02:00. Nothing was changed.");
        }
    }

    /** The unit files as they are, by name. */
    Map<String, String> read() throws IOException {
        Map<String, String> files = new TreeMap<>();
        for (String name : own()) {
            files.put(name, Files.readString(places.units().resolve(name)));
        }
        return files;
    }

    /**
     * Makes the unit files exactly these and those of the list active. What is not wanted any more is stopped and deleted.
     *
     * @param restart units whose configuration changed: they are restarted where they run
     */
    void replace(Map<String, String> files, List<String> active, List<String> restart) throws IOException {
        List<String> obsolete =
                own().stream().filter(name -> !files.containsKey(name)).toList();
        stop(obsolete);
        boolean changed = !obsolete.isEmpty();
        for (String name : obsolete) {
            Files.delete(places.units().resolve(name));
        }
        List<String> stale = new ArrayList<>(restart);
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = places.units().resolve(file.getKey());
            if (!Files.exists(path) || !Files.readString(path).equals(file.getValue())) {
                SmallFiles.replace(path, file.getValue(), "rw-r--r--");
                changed = true;
                stale.add(file.getKey());
            }
        }
        if (changed) {
            systemctl("read the units", List.of("daemon-reload"));
        }
        systemctl("enable the units", words("enable", active));
        // A timer whose times changed counts from the new ones only after a restart.
        List<String> again = active.stream().filter(stale::contains).toList();
        systemctl("start the units", words("restart", again));
        systemctl(
                "start the units",
                words("start", active.stream().filter(n -> !again.contains(n)).toList()));
    }

    /** Stops everything, a check that runs included, and starts nothing at the next boot. */
    void disable() throws IOException {
        stop(own());
    }

    void remove() throws IOException {
        Collection<String> own = own();
        if (own.isEmpty()) {
            return;
        }
        stop(own);
        for (String name : own) {
            Files.delete(places.units().resolve(name));
        }
        systemctl("forget the units", List.of("daemon-reload"));
        // A unit that failed is remembered by name until this; that none is remembered is no failure.
        programs.run(TIMEOUT, "", List.of("systemctl", "reset-failed", UnitFiles.PREFIX + "*"));
    }

    /** Runs a oneshot unit to its end. What it could not do is told by the unit itself, as a finding. */
    boolean run(String unit) {
        return programs.run(TIMEOUT, "", List.of("systemctl", "start", unit)).ok();
    }

    /** Begins a unit and does not wait for it. */
    void begin(String unit) {
        systemctl("begin " + unit, List.of("start", "--no-block", unit));
    }

    /** Debian's own unit of a package that this extension brought must not run beside ours. */
    void mask(String unit) {
        systemctl("mask " + unit, List.of("mask", unit));
    }

    void unmask(String unit) {
        systemctl("unmask " + unit, List.of("unmask", unit));
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

    private Collection<String> own() throws IOException {
        if (!Files.isDirectory(places.units())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(places.units())) {
            return new TreeSet<>(files.map(f -> String.valueOf(f.getFileName()))
                    .filter(n -> n.startsWith(UnitFiles.PREFIX + "-"))
                    .filter(n -> n.matches(".*\\.(service|timer|socket)"))
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
        Programs.Result result = programs.run(TIMEOUT, "", command);
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot %s: systemctl ended with %d: %s".formatted(what, result.exitCode(), result.lastLines()),
                    "Look at the unit with systemctl status and journalctl -u on the machine.");
        }
    }
}
