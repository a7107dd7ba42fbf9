package dev.vmext.firewall;

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
 * Brings nftables onto a machine that lacks it, remembers exactly which packages came with it, and takes those away again
 * when nothing else needs them. What was there before is never touched.
 */
final class Packages {
    private static final Duration TIMEOUT = Duration.ofMinutes(12);
    private static final String NAME = "nftables";
    private static final List<String> APT =
            List.of("apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=600", "-o", "Dpkg::Options::=--force-confold");

    private final Programs programs;
    private final HandlerLog log;
    private final Path added;
    private final Path before;

    Packages(Programs programs, HandlerLog log, Path state) {
        this.programs = programs;
        this.log = log;
        this.added = state.resolve("added-packages");
        this.before = state.resolve("packages-before");
    }

    void install() throws IOException {
        // Written first: after a crash the next try still knows what was there before.
        if (!Files.exists(before)) {
            SmallFiles.replace(before, String.join("\n", installed()), "rw-r--r--");
        }
        List<String> command = apt("install", "--no-install-recommends", NAME);
        Programs.Result result = programs.run(TIMEOUT, "", command);
        if (!result.ok() && result.exitCode() != 127) {
            log.info("installing " + NAME + " failed, refreshing the package lists: " + result.lastLines());
            programs.run(TIMEOUT, "", apt("update"));
            result = programs.run(TIMEOUT, "", command);
        }
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.MISSING_DEPENDENCY,
                    result.exitCode() == 127
                            ? "cannot install nftables: the machine has neither nft nor apt-get"
                            : "cannot install nftables: apt-get ended with " + result.exitCode() + ": "
                                    + result.lastLines(),
                    "Install the package nftables on the machine or in its image, then try again.");
        }
    }

    /** Once nft is there: writes down what came with it. */
    void remember() throws IOException {
        if (Files.exists(before)) {
            Set<String> news = new TreeSet<>(installed());
            news.removeAll(read(before));
            SmallFiles.replace(added, String.join("\n", news), "rw-r--r--");
            Files.delete(before);
            log.info("added the packages " + news);
        }
    }

    /** Removes what was added: all of it, or nftables alone, whichever takes nothing else away. Else leaves it. */
    Optional<String> removeAdded() throws IOException {
        Set<String> all = read(added);
        if (all.isEmpty()) {
            return Optional.empty();
        }
        for (Set<String> choice : List.of(all, Set.of(NAME))) {
            if (all.containsAll(choice) && takesNothingElse(choice)) {
                Programs.Result result = programs.run(TIMEOUT, "", purge(choice, false));
                if (!result.ok()) {
                    throw new HandlerException(
                            ExitCode.EXECUTION,
                            "cannot remove the packages " + choice + ": apt-get ended with " + result.exitCode() + ": "
                                    + result.lastLines(),
                            "Uninstall again when the package manager works, or remove them by hand.");
                }
                return Optional.of("removed the packages " + choice);
            }
        }
        return Optional.of("left the packages " + all + ": other packages need them now");
    }

    private boolean takesNothingElse(Set<String> choice) {
        Programs.Result plan = programs.run(TIMEOUT, "", purge(choice, true));
        Set<String> removed = new LinkedHashSet<>();
        for (String line : plan.output().lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length > 1 && (words[0].equals("Purg") || words[0].equals("Remv"))) {
                removed.add(words[1].replaceFirst(":.*", ""));
            }
        }
        return plan.ok() && choice.containsAll(removed);
    }

    private static List<String> purge(Set<String> names, boolean simulated) {
        List<String> words = new ArrayList<>();
        words.add("purge");
        if (simulated) {
            words.add("-s");
        }
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
        Set<String> names = new TreeSet<>();
        for (String line : result.output().lines().toList()) {
            String[] words = line.split(" ", -1);
            if (words.length > 1 && words[1].startsWith("ii")) {
                names.add(words[0]);
            }
        }
        return names;
    }

    private static Set<String> read(Path file) throws IOException {
        return Files.exists(file)
                ? new TreeSet<>(Files.readAllLines(file).stream()
                        .filter(l -> !l.isBlank())
                        .toList())
                : Set.of();
    }
}
