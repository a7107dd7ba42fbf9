package dev.vmext.firewall;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What one version of this extension has on the machine: a folder with its script, its units and its rules. Two versions can be
 * there at once, while the newer one proves itself; the link {@code current} says whose rules are in force, and going back is
 * one step.
 */
final class Installed {
    private static final String SCRIPT = "firewall-rules";
    private static final String ENABLED = "enabled";
    /** What the script says when the rules are the ones before, because the control plane did not answer. */
    private static final int RETURNED = 12;

    private static final int REFUSED = 10;

    private final Programs programs;
    private final Places places;
    private final String version;

    Installed(Programs programs, Places places, String version) {
        if (!version.matches("[0-9A-Za-z][0-9A-Za-z._-]{0,60}")) {
            throw new IllegalArgumentException("is not a version: " + version);
        }
        this.programs = programs;
        this.places = places;
        this.version = version;
    }

    Path folder() {
        return places.versions().resolve(version);
    }

    Path units() {
        return folder().resolve("units");
    }

    /** Says that this version is on the machine; what all versions share stays while one of them is. */
    void announce() throws IOException {
        SmallFiles.createPrivateFolder(places.state());
        SmallFiles.createPrivateFolder(places.versions());
        SmallFiles.createPrivateFolder(folder());
    }

    /** Copies the scripts of the package, because they run on when its folder is gone. */
    void copyScripts(Path packageBin) throws IOException {
        announce();
        for (String name : List.of(SCRIPT, "vmext-finding")) {
            SmallFiles.replace(
                    folder().resolve(name), SmallFiles.readText(packageBin.resolve(name), 1024 * 1024), "rwx------");
        }
    }

    void writeEnvironment(List<Variable> variables) throws IOException {
        StringBuilder text = new StringBuilder("# Read by firewall-rules.\n");
        for (Variable variable : variables) {
            text.append(variable.name)
                    .append("='")
                    .append(variable.value.replace("'", "'\\''"))
                    .append("'\n");
        }
        SmallFiles.replace(folder().resolve("environment"), text.toString(), "rw-------");
    }

    /** A variable of the scripts. */
    record Variable(String name, String value) {}

    void writeReturnedStatus(String text) throws IOException {
        SmallFiles.replace(folder().resolve("returned.status"), text, "rw-------");
    }

    /** How rules came into force, in the script's words. */
    enum Outcome {
        UNCHANGED,
        CONFIRMED,
        /** Nobody asked whether the control plane answers. */
        UNCHECKED,
        /** The control plane did not answer under the rules before either. */
        UNREACHABLE
    }

    /** Checks and loads the rules; throws when other rules than these are in force now. */
    Outcome apply(String rules, int confirmSeconds, String controlPlane) throws IOException {
        Path candidate = folder().resolve("candidate.nft");
        SmallFiles.replace(candidate, rules, "rw-------");
        Programs.Result result = run(Duration.ofSeconds(confirmSeconds + 180L), "apply", candidate.toString());
        Files.deleteIfExists(candidate);
        if (result.exitCode() == RETURNED) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot keep the new rules: the control plane at %s did not answer within %d seconds of loading them, so the rules before are back"
                            .formatted(controlPlane, confirmSeconds),
                    "Allow what the way to the control plane needs, such as a tunnel or a name service, then try again.");
        }
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot %s the rules: nft said: %s"
                            .formatted(result.exitCode() == REFUSED ? "check" : "load", result.lastLines()),
                    "The rules that were in force before are unchanged. nft needs root and a kernel with nf_tables.");
        }
        SmallFiles.replace(folder().resolve(ENABLED), "", "rw-------");
        String word = result.lastLines().replaceFirst(".* / ", "");
        return Stream.of(Outcome.values())
                .filter(o -> Rule.word(o).equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the script said " + result.lastLines()));
    }

    /** The table as the kernel has it now, counters included. */
    String list(String nft) {
        Programs.Result result =
                programs.run(Duration.ofMinutes(1), "", List.of(nft, "list", "table", "inet", "vmext_firewall"));
        return result.ok() ? result.output() : "cannot list the table: " + result.lastLines();
    }

    boolean isCurrent() {
        try {
            return Files.isSymbolicLink(places.current())
                    && places.state()
                            .resolve(Files.readSymbolicLink(places.current()))
                            .equals(folder());
        } catch (IOException e) {
            return false;
        }
    }

    /** Another version that is enabled too and could take over. */
    Optional<Installed> findOther() throws IOException {
        return others().stream()
                .filter(i -> Files.exists(i.folder().resolve(ENABLED))
                        && Files.exists(i.folder().resolve("rules.nft")))
                .findFirst();
    }

    boolean isAlone() throws IOException {
        return others().isEmpty();
    }

    private List<Installed> others() throws IOException {
        if (!Files.isDirectory(places.versions())) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(places.versions())) {
            return folders.map(f -> String.valueOf(f.getFileName()))
                    .filter(name -> !name.equals(version))
                    .sorted()
                    .map(name -> new Installed(programs, places, name))
                    .toList();
        }
    }

    /** Puts its rules into force in one step, without asking anybody: they were in force before. */
    void adopt() {
        Programs.Result result = run(Duration.ofMinutes(2), "adopt");
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot go back to the rules of version " + version + ": " + result.lastLines(),
                    "The rules that were in force before are unchanged.");
        }
    }

    /** Takes the table away; empty where this version has no script to do it. */
    Optional<Programs.Result> remove() {
        return Files.exists(folder().resolve(SCRIPT)) && Files.exists(folder().resolve("environment"))
                ? Optional.of(run(Duration.ofSeconds(150), "remove"))
                : Optional.empty();
    }

    /** From now on this version could not take over. */
    void retire() throws IOException {
        Files.deleteIfExists(folder().resolve(ENABLED));
    }

    private Programs.Result run(Duration timeout, String... words) {
        List<String> command =
                new ArrayList<>(List.of("/bin/sh", folder().resolve(SCRIPT).toString()));
        command.addAll(List.of(words));
        return programs.run(timeout, "", command);
    }
}
