package dev.vmext.extensionkit.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.HandlerLog;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.testing.FakePrograms;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Debian of sets: scanner needs engine, engine needs codec. */
final class PackagesTest {
    private static final Map<String, Set<String>> NEEDS =
            Map.of("scanner", Set.of("engine"), "engine", Set.of("codec"), "mailer", Set.of("codec"));

    @TempDir
    private Path folder;

    private final Set<String> installed = new TreeSet<>(Set.of("apt", "libc6"));
    private boolean listsAreStale;
    /** What an installation that then fails brings nevertheless; empty when it does not fail. */
    private String broughtByAFailure = "";

    private final FakePrograms programs = new FakePrograms()
            .answer("dpkg-query", _ -> new Programs.Result(0, String.join(" ii \n", installed) + " ii \ngone rc \n"))
            .answer("apt-get", this::apt);

    private Packages packages(String... names) {
        return packagesOf("state", names);
    }

    /** As another extension of the same machine. */
    private Packages packagesOf(String extension, String... names) {
        InstantSource clock = InstantSource.fixed(Instant.EPOCH);
        PrintStream err = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        HandlerLog log = new HandlerLog(folder.resolve("log"), "test", clock, err);
        return new Packages(programs, log, PackageClaims.of(folder), folder.resolve(extension), List.of(names));
    }

    private Programs.Result apt(FakePrograms.Call call) {
        List<String> words = call.words();
        if (words.contains("update")) {
            listsAreStale = false;
            return new Programs.Result(0, "");
        }
        if (words.contains("install")) {
            if (listsAreStale) {
                return new Programs.Result(100, "E: Unable to locate package\n");
            }
            if (!broughtByAFailure.isEmpty()) {
                add(broughtByAFailure);
                return new Programs.Result(100, "E: Sub-process dpkg returned an error code\n");
            }
            words.subList(words.indexOf("--no-install-recommends") + 1, words.size())
                    .forEach(this::add);
            return new Programs.Result(0, "");
        }
        Set<String> gone = new TreeSet<>(words);
        gone.retainAll(installed);
        boolean more = true;
        while (more) {
            more = gone.addAll(installed.stream()
                    .filter(p -> NEEDS.getOrDefault(p, Set.of()).stream().anyMatch(gone::contains))
                    .toList());
        }
        if (words.contains("--auto-remove")) {
            for (String lonely : List.of("engine", "codec")) {
                if (installed.stream()
                        .filter(p -> !gone.contains(p))
                        .noneMatch(p -> NEEDS.getOrDefault(p, Set.of()).contains(lonely))) {
                    gone.add(lonely);
                }
            }
            gone.retainAll(installed);
        }
        if (!words.contains("-s")) {
            installed.removeAll(gone);
        }
        return new Programs.Result(
                0, gone.stream().map(p -> "Purg " + p + " [1]\n").reduce("", String::concat));
    }

    private void add(String name) {
        installed.add(name);
        NEEDS.getOrDefault(name, Set.of()).forEach(this::add);
    }

    @Test
    void bringsWhatIsMissingAndTakesExactlyThatAway() throws Exception {
        installed.add("codec");
        Packages packages = packages("scanner", "apt");
        assertThat(packages.missing()).containsExactly("scanner");
        packages.install();
        packages.remember();
        assertThat(installed).contains("scanner", "engine");
        assertThat(packages.removeAdded()).contains("removed the packages [engine, scanner]");
        assertThat(installed).containsExactly("apt", "codec", "libc6");
        assertThat(packages.removeAdded()).isEmpty();
    }

    @Test
    void installsNothingWhereAllIsThere() throws Exception {
        installed.add("codec");
        packages("codec").install();
        packages("codec").remember();
        assertThat(programs.texts()).noneMatch(c -> c.startsWith("apt-get"));
        assertThat(packages("codec").removeAdded()).isEmpty();
    }

    @Test
    void refreshesListsThatAreTooOld() throws Exception {
        listsAreStale = true;
        packages("codec").install();
        assertThat(installed).contains("codec");
        assertThat(Files.readString(folder.resolve("log/handler.log"))).contains("Unable to locate");
    }

    @Test
    void afterACrashInTheMiddleStillKnowsWhatWasThereBefore() throws Exception {
        Packages packages = packages("scanner");
        packages.install();
        // It ended here, before it could remember; the next try finds everything installed.
        packages.install();
        packages.remember();
        packages.removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void whatTheOwnerInstallsAfterAFailedTryIsNotTakenForOurs() throws Exception {
        Packages packages = packages("scanner");
        broughtByAFailure = "engine";
        assertThatThrownBy(packages::install).isInstanceOf(HandlerException.class);
        broughtByAFailure = "";
        installed.add("editor");
        packages.install();
        packages.remember();
        packages.removeAdded();
        assertThat(installed).containsExactly("apt", "editor", "libc6");
    }

    @Test
    void aNewVersionThatNeedsMoreAddsToWhatIsRemembered() throws Exception {
        packages("codec").install();
        packages("codec").remember();
        Packages next = packages("codec", "scanner");
        next.install();
        next.remember();
        next.removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void leavesWhatOthersNeedByThen() throws Exception {
        packages("scanner").install();
        packages("scanner").remember();
        add("mailer");
        assertThat(packages("scanner").removeAdded())
                .hasValueSatisfying(words -> assertThat(words)
                        .contains("removed the packages [engine, scanner]", "left the packages [codec]"));
        assertThat(installed).containsExactly("apt", "codec", "libc6", "mailer");
    }

    @Test
    void leavesAllWhenNothingCanGoAlone() throws Exception {
        packages("codec").install();
        packages("codec").remember();
        add("mailer");
        assertThat(packages("codec").removeAdded()).contains("left the packages [codec]: other packages need them now");
        assertThat(installed).contains("codec");
    }

    private void install(Packages packages) throws Exception {
        packages.install();
        packages.remember();
    }

    @Test
    void theFirstThatGoesLeavesWhatAnotherClaimsAndTheLastTakesIt() throws Exception {
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "scanner"));
        assertThat(packagesOf("first", "scanner").removeAdded())
                .contains("left the packages [codec, engine, scanner]: another extension uses them");
        SmallFiles.delete(folder.resolve("first"));
        assertThat(installed).contains("scanner", "engine", "codec");

        assertThat(packagesOf("second", "scanner").removeAdded())
                .contains("removed the packages [codec, engine, scanner]");
        assertThat(installed).containsExactly("apt", "libc6");
        assertThat(folder.resolve("var/lib/vmext/package-claims")).doesNotExist();
    }

    @Test
    void theOneThatDidNotBringItGoesFirstAndTakesNothing() throws Exception {
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "scanner"));
        assertThat(packagesOf("second", "scanner").removeAdded()).isEmpty();
        assertThat(installed).contains("scanner");
        packagesOf("first", "scanner").removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void whatOnlyOneNeedsGoesWithIt() throws Exception {
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "engine"));
        assertThat(packagesOf("first", "scanner").removeAdded())
                .contains(
                        "removed the packages [scanner]; left the packages [codec, engine]: another extension uses them");
        assertThat(installed).containsExactly("apt", "codec", "engine", "libc6");
        packagesOf("second", "engine").removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void whatWasThereBeforeStaysWhoeverClaimedIt() throws Exception {
        add("scanner");
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "scanner"));
        assertThat(packagesOf("first", "scanner").removeAdded()).isEmpty();
        assertThat(packagesOf("second", "scanner").removeAdded()).isEmpty();
        assertThat(installed).contains("scanner");
        assertThat(folder.resolve("var/lib/vmext/package-claims")).doesNotExist();
    }

    @Test
    void aClaimIsEnoughWhereTheMachineHasWhatIsWanted() throws Exception {
        install(packagesOf("first", "scanner"));
        packagesOf("second", "scanner").claim();
        packagesOf("first", "scanner").removeAdded();
        assertThat(installed).contains("scanner");
    }

    @Test
    void anExtensionThatIsGoneWithoutUninstallClaimsNothing() throws Exception {
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "scanner"));
        SmallFiles.delete(folder.resolve("second"));
        packagesOf("first", "scanner").removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
        assertThat(folder.resolve("var/lib/vmext/package-claims")).doesNotExist();
    }

    @Test
    void afterACrashWhileRemovingTheLastStillTakesAll() throws Exception {
        install(packagesOf("first", "scanner"));
        install(packagesOf("second", "engine"));
        programs.answer("apt-get", call -> {
            if (!call.words().contains("-s")) {
                apt(call);
                throw new IllegalStateException("killed after apt did its work");
            }
            return apt(call);
        });
        assertThatThrownBy(() -> packagesOf("first", "scanner").removeAdded()).hasMessageContaining("killed");
        // Nobody tries again: its folder is gone, as after a purge of the agent's folders.
        SmallFiles.delete(folder.resolve("first"));
        programs.answer("apt-get", this::apt);
        packagesOf("second", "engine").removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void aClaimHalfWrittenWhenThePowerWentCountsForNothing() throws Exception {
        install(packagesOf("first", "scanner"));
        Files.writeString(folder.resolve("var/lib/vmext/package-claims/claims/.half.new"), folder + "\nscanner\n");
        packagesOf("first", "scanner").removeAdded();
        assertThat(installed).containsExactly("apt", "libc6");
    }

    @Test
    void aClaimWaitsForARemovalThatIsUnderWay() throws Exception {
        install(packagesOf("first", "scanner"));
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch asked = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().unstarted(() -> {
            asked.countDown();
            // Another process: within one the lock is refused, not waited for.
            order.add(new RealPrograms()
                    .run(
                            Duration.ofMinutes(2),
                            "",
                            List.of(
                                    "flock",
                                    folder.resolve("run/lock/vmext-packages").toString(),
                                    "echo",
                                    "claimed"))
                    .output()
                    .strip());
        });
        programs.answer("apt-get", call -> {
            if (!call.words().contains("-s")) {
                other.start();
                try {
                    asked.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                order.add("removed");
            }
            return apt(call);
        });
        packagesOf("first", "scanner").removeAdded();
        other.join();
        assertThat(order).containsExactly("removed", "claimed");
    }

    @Test
    void aMachineWithoutAptIsRefusedWithAReason() {
        programs.withoutProgram("apt-get").withoutProgram("dpkg-query");
        assertThatThrownBy(() -> packages("scanner").install())
                .isInstanceOf(HandlerException.class)
                .hasMessageContaining("cannot install scanner: the machine has no apt-get, and dnf");
    }

    @Test
    void aptsOwnWordsAreTheReason() {
        programs.answer("apt-get", 100, "E: Could not get lock\n");
        assertThatThrownBy(() -> packages("scanner").install())
                .hasMessage("cannot install scanner: apt-get ended with 100: E: Could not get lock");
    }

    @Test
    void aNameIsNeverAnOption() {
        assertThatThrownBy(() -> packages("--allow-unauthenticated")).isInstanceOf(IllegalArgumentException.class);
    }
}
