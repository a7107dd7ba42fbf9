package dev.vmext.nodemetrics;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.HandlerLog;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Debian's package of the exporter. It brings a service that listens to everybody on port 9100: where the package comes with us, that
 * service is kept from starting and left disabled; where it was there before, it is somebody's and is not touched. One thread.
 */
final class ExporterPackage {
    static final String NAME = "prometheus-node-exporter";

    private static final String USER = "prometheus";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Programs programs;
    private final HandlerLog log;
    private final Places places;
    private final Packages packages;

    ExporterPackage(Programs programs, HandlerLog log, Places places) {
        this.programs = programs;
        this.log = log;
        this.places = places;
        this.packages = new Packages(programs, log, PackageClaims.of(places.root()), places.state(), List.of(NAME));
    }

    void install(Units units) throws IOException {
        packages.claim();
        boolean missing = !packages.missing().isEmpty();
        if (missing) {
            if (!places.hasUser(USER)) {
                note("added-user");
            }
            note("quiet");
        }
        // Also after a crash in the middle, when the package is there and its service may run.
        if (Files.exists(noted("quiet"))) {
            check("keep Debian's exporter from starting", systemctl("mask", "--runtime", Places.DEBIAN_SERVICE));
            try {
                packages.install();
            } finally {
                check("let Debian's exporter be", systemctl("unmask", "--runtime", Places.DEBIAN_SERVICE));
            }
            units.disableNow(Places.DEBIAN_SERVICE);
            Files.delete(noted("quiet"));
        }
        packages.remember();
    }

    void remove(Units units) throws IOException {
        if (inUse(units)) {
            log.info("the package " + NAME + " stays: " + Places.DEBIAN_SERVICE + " is in use by somebody else");
            return;
        }
        packages.removeAdded().ifPresent(log::info);
        if (Files.exists(noted("added-user")) && !packages.missing().isEmpty() && places.hasUser(USER)) {
            // Debian's packages leave the users they made.
            Programs.Result result = programs.run(TIMEOUT, "", List.of("userdel", USER));
            log.info(result.ok() ? "removed the user " + USER : "left the user " + USER + ": " + result.lastLines());
        }
    }

    /** Whether somebody made use of Debian's service, before or since. */
    private boolean inUse(Units units) {
        return units.state(Places.DEBIAN_SERVICE) == Units.State.ACTIVE
                || systemctl("is-enabled", "--quiet", Places.DEBIAN_SERVICE).ok();
    }

    private void note(String name) throws IOException {
        if (!Files.exists(noted(name))) {
            SmallFiles.replace(noted(name), "", "rw-r--r--");
        }
    }

    private Path noted(String name) {
        return places.state().resolve(name);
    }

    private Programs.Result systemctl(String... words) {
        List<String> command = new ArrayList<>(List.of("systemctl"));
        command.addAll(List.of(words));
        return programs.run(TIMEOUT, "", command);
    }

    private static void check(String what, Programs.Result result) {
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot " + what + ": systemctl ended with " + result.exitCode() + ": " + result.lastLines(),
                    "Look at the state of systemd on the machine.");
        }
    }
}
