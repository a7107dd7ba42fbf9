package dev.vmext.extensionkit.machine;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.HandlerLog;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Brings packages of the distribution onto a machine that lacks them, remembers exactly which packages came with them, and takes
 * those away again when nothing else needs them. What was there before is never touched, and what another extension of the machine
 * claims stays until that one goes too ({@link PackageClaims}). apt only: dnf is refused until it can be tested. One thread; every
 * call may be repeated, also after a crash in the middle.
 */
public final class Packages {
    private static final Duration TIMEOUT = Duration.ofMinutes(12);
    private static final List<String> APT =
            List.of("apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold");

    private final Programs programs;
    private final HandlerLog log;
    private final PackageClaims claims;
    private final Path stateFolder;
    private final List<String> names;
    private final Path added;
    private final Path before;

    /**
     * Packages that belong together and are remembered together.
     *
     * @param claims those of the machine
     * @param stateFolder where to remember; it must survive an update of the extension, and is the handler's to delete, after the
     *     packages. The extension is known to others by this path.
     * @param names what is wanted, as apt names it
     */
    public Packages(Programs programs, HandlerLog log, PackageClaims claims, Path stateFolder, List<String> names) {
        for (String name : names) {
            if (!name.matches("[a-z0-9][a-z0-9+.-]+")) {
                throw new IllegalArgumentException("cannot install " + name + ": it is not a name of a package");
            }
        }
        this.programs = programs;
        this.log = log;
        this.claims = claims;
        this.stateFolder = stateFolder;
        this.names = List.copyOf(names);
        this.added = stateFolder.resolve("added-packages");
        this.before = stateFolder.resolve("packages-before");
    }

    /** Those of the wanted packages that are not installed. */
    public List<String> missing() {
        Set<String> installed = installed();
        return names.stream().filter(n -> !installed.contains(n)).toList();
    }

    /**
     * Keeps other extensions from taking away what is wanted when they go. Before looking whether it is there: for a handler that
     * does without {@link #install} where the machine has what it needs.
     */
    public void claim() throws IOException {
        try (PackageClaims.Held held = claims.hold()) {
            held.claim(stateFolder, names);
        }
    }

    /**
     * Claims what is wanted, also where it is there already, and installs what is missing; package lists that are too old are
     * refreshed once.
     *
     * @throws HandlerException with {@link ExitCode#MISSING_DEPENDENCY} and apt's own words when they cannot be had
     */
    public void install() throws IOException {
        try (PackageClaims.Held held = claims.hold()) {
            // Before looking: another extension that is being uninstalled must not take away what is found here.
            held.claim(stateFolder, names);
            installMissing();
        }
    }

    private void installMissing() throws IOException {
        List<String> missing = missing();
        if (missing.isEmpty()) {
            return;
        }
        // Written first: after a crash the next try still knows what was there before.
        if (!Files.exists(before)) {
            SmallFiles.replace(before, String.join("\n", installed()), "rw-r--r--");
        }
        log.info("installing the packages " + String.join(" ", missing));
        List<String> words = new ArrayList<>(List.of("install", "--no-install-recommends"));
        words.addAll(missing);
        List<String> command = apt(words.toArray(String[]::new));
        Programs.Result result = programs.run(TIMEOUT, "", command);
        if (!result.ok() && !result.isMissing()) {
            log.info("installing failed, refreshing the package lists: " + result.lastLines());
            programs.run(TIMEOUT, "", apt("update"));
            result = programs.run(TIMEOUT, "", command);
        }
        if (!result.ok()) {
            // What it brought so far is ours; what the machine's owner installs until the next try is not.
            remember();
            String list = String.join(" ", missing);
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    result.isMissing()
                            ? "cannot install " + list + ": the machine has no apt-get, and dnf and others are refused "
                                    + "until they can be tested"
                            : "cannot install " + list + ": apt-get ended with " + result.exitCode() + ": "
                                    + result.lastLines(),
                    "Install " + list + " on the machine or in its image, then try again.");
        }
    }

    /** Once what was installed is known to work: writes down what came with it. */
    public void remember() throws IOException {
        if (Files.exists(before)) {
            Set<String> news = new TreeSet<>(installed());
            news.removeAll(read(before));
            log.info("added the packages " + news);
            news.addAll(read(added));
            SmallFiles.replace(added, String.join("\n", news), "rw-r--r--");
            Files.delete(before);
        }
    }

    /**
     * Removes what was added, with its configuration: as much of it as can go without taking anything else away, and nothing that
     * another extension claims. That one, when it goes, takes away what is left now. The claim ends.
     *
     * @return what was done, in words; empty when nothing had been added
     * @throws HandlerException when apt fails; what was added is then still remembered and claimed
     */
    public Optional<String> removeAdded() throws IOException {
        try (PackageClaims.Held held = claims.hold()) {
            Set<String> all = new TreeSet<>(read(added));
            all.addAll(held.kept());
            all.retainAll(installed());
            Set<String> others = held.ofOthers(stateFolder);
            if (!others.isEmpty()) {
                // Before anything goes, so that after a crash somebody still knows where it came from.
                held.keep(all);
            }
            Optional<String> words = all.isEmpty() ? Optional.empty() : Optional.of(removeAllBut(others, all));
            all.retainAll(installed());
            held.keep(others.isEmpty() ? Set.of() : all);
            held.release(stateFolder);
            return words;
        }
    }

    private String removeAllBut(Set<String> claimed, Set<String> all) {
        Set<String> free = new TreeSet<>(all);
        free.removeAll(claimed);
        for (Set<String> choice : List.of(free, neededByNoOther(free), wanted(free))) {
            if (!choice.isEmpty() && takesNothingElse(choice)) {
                return remove(choice, all, claimed);
            }
        }
        for (String name : wanted(free)) {
            if (takesNothingElse(Set.of(name))) {
                return remove(Set.of(name), all, claimed);
            }
        }
        return left(all, claimed);
    }

    private static String left(Set<String> left, Set<String> claimed) {
        return "left the packages " + left + ": "
                + (left.stream().anyMatch(claimed::contains)
                        ? "another extension uses them"
                        : "other packages need them now");
    }

    private String remove(Set<String> choice, Set<String> all, Set<String> claimed) {
        Programs.Result result = programs.run(TIMEOUT, "", purge(choice));
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot remove the packages " + choice + ": apt-get ended with " + result.exitCode() + ": "
                            + result.lastLines(),
                    "Uninstall again when the package manager works, or remove them by hand.");
        }
        Set<String> left = new TreeSet<>(all);
        left.removeAll(choice);
        return "removed the packages " + choice + (left.isEmpty() ? "" : "; " + left(left, claimed));
    }

    private Set<String> wanted(Set<String> all) {
        Set<String> wanted = new TreeSet<>(names);
        wanted.retainAll(all);
        return wanted;
    }

    /** What apt would clear away with the wanted packages, as far as it was added with them. */
    private Set<String> neededByNoOther(Set<String> all) {
        Set<String> wanted = wanted(all);
        if (wanted.isEmpty()) {
            return Set.of();
        }
        Set<String> chosen = planned(purge(wanted, "-s", "--auto-remove")).orElse(Set.of());
        chosen.retainAll(all);
        return chosen;
    }

    private boolean takesNothingElse(Set<String> choice) {
        return planned(purge(choice, "-s")).filter(choice::containsAll).isPresent();
    }

    /** What apt says it would remove; empty when it would not do it at all. */
    private Optional<Set<String>> planned(List<String> command) {
        Programs.Result plan = programs.run(TIMEOUT, "", command);
        Set<String> removed = new LinkedHashSet<>();
        for (String line : plan.output().lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length > 1 && (words[0].equals("Purg") || words[0].equals("Remv"))) {
                removed.add(words[1].replaceFirst(":.*", ""));
            }
        }
        return plan.ok() ? Optional.of(removed) : Optional.empty();
    }

    private static List<String> purge(Set<String> names, String... options) {
        List<String> words = new ArrayList<>(List.of("purge"));
        words.addAll(List.of(options));
        words.addAll(new TreeSet<>(names));
        return apt(words.toArray(String[]::new));
    }

    private static List<String> apt(String... words) {
        List<String> command = new ArrayList<>(APT);
        command.addAll(List.of(words));
        return command;
    }

    private Set<String> installed() {
        Programs.Result result =
                programs.run(TIMEOUT, "", List.of("dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n"));
        Set<String> installed = new TreeSet<>();
        for (String line : result.output().lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length > 1 && words[1].startsWith("ii")) {
                installed.add(words[0]);
            }
        }
        return installed;
    }

    private static Set<String> read(Path file) throws IOException {
        return Files.exists(file)
                ? new TreeSet<>(Files.readAllLines(file).stream()
                        .filter(l -> !l.isBlank())
                        .toList())
                : Set.of();
    }
}
