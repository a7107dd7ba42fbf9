package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.StatusText;
import dev.vmext.extensionkit.UpdateNote;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.machine.UnitSet;
import dev.vmext.intrusiondetection.IntrusionSettings.Accept;
import dev.vmext.intrusiondetection.IntrusionSettings.Blocking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The commands of the contract. Enable has AIDE and fail2ban try a configuration before it replaces the old one, and puts the old
 * one back when the new one cannot be started. It does not wait for the baseline, which a unit makes; the status tells of it.
 * Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} takes nothing
 * away: packages, baseline and accepted changes are the new version's.
 */
final class IntrusionDetection implements Handler {
    /** One word with systemd, which may be to run a whole baseline. */
    private static final Duration SYSTEMD = Duration.ofMinutes(25);

    private static final Duration PROGRAM = Duration.ofMinutes(20);
    /** What fail2ban reads the journal with is only recommended by it. */
    private static final List<String> PACKAGES = List.of("aide", "fail2ban", "python3-systemd");

    private static final List<String> BLOCKING_PACKAGES = List.of("nftables");
    private static final String DEBIAN_UNIT = "fail2ban.service";

    private final Programs programs;
    private final Places places;
    private final UnitSet units;
    private final UpdateNote updateNote;
    private final Installation installation;

    IntrusionDetection(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
        this.units = new UnitSet(programs, places.units(), UnitFiles.PREFIX, SYSTEMD);
        this.updateNote = new UpdateNote(places.installed());
        this.installation = new Installation(places);
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the intrusion detection", () -> {
            updateNote.delete();
            SmallFiles.createPrivateFolder(places.state());
            Packages packages = packages(context, PACKAGES);
            packages.claim();
            if (packages.missing().contains("fail2ban") && places.hasSystemd()) {
                installation.masks(DEBIAN_UNIT);
                units.mask(List.of(DEBIAN_UNIT));
            }
            packages.install();
            packages.remember();
            requirePrograms();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        IntrusionSettings settings = IntrusionSettings.from(context.settings());
        requirePrograms();
        if (!places.hasSystemd()) {
            throw new HandlerException(
                    ExitCode.UNSUPPORTED_SYSTEM,
                    "cannot set up the intrusion detection: this machine does not run systemd",
                    "Checks are timers of systemd, and attacks are looked for in its journal.");
        }
        if (settings.integrity().enabled()) {
            units.checkCalendar("integrity.calendar", settings.integrity().calendar());
        }
        Logs.refuseMissing(places.root(), settings.attacks().jails());
        Status[] status = new Status[1];
        guarded("set up the intrusion detection", () -> status[0] = apply(context, settings));
        return status[0];
    }

    private Status apply(HandlerContext context, IntrusionSettings settings) throws IOException {
        context.report(Status.transitioning("Setting up"));
        if (settings.attacks().blocking() != Blocking.OFF) {
            Packages packages = packages(context, BLOCKING_PACKAGES);
            packages.claim();
            if (places.findProgram("nft").isEmpty()) {
                packages.install();
            }
            packages.remember();
        }
        List<String> controlPlane = ControlPlane.find(
                places.agentConfiguration(),
                context.variable("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS"),
                context.log()::warning);
        Map<String, String> files = Configuration.files(settings, controlPlane);
        Map<String, String> before = installation.configuration();
        tryOut(files, before);
        installation.programs(context.environment().baseFolder());
        installation.events(context.environment().eventsFolder());
        Map<String, String> unitsBefore = units.read();
        installation.configuration(files);
        try {
            List<String> restart = part(files, Configuration.FAIL2BAN).equals(part(before, Configuration.FAIL2BAN))
                    ? List.of()
                    : List.of(UnitFiles.ATTACKS);
            units.replace(UnitFiles.files(settings), UnitFiles.expected(settings), restart);
        } catch (HandlerException e) {
            putBack(context, before, unitsBefore);
            throw e;
        }
        accept(context, settings, files);
        installation.statusFile(context.environment().statusFolder().resolve(context.sequenceNumber() + ".status"));
        if (settings.integrity().enabled()) {
            // Ends at once where there is a baseline for these settings.
            units.begin(UnitFiles.BASELINE);
        }
        updateNote.delete();
        return report();
    }

    /** Has AIDE and fail2ban read what changed, before anything at work is touched. */
    private void tryOut(Map<String, String> files, Map<String, String> before) throws IOException {
        Path candidate = installation.candidate(files);
        try {
            String aide = files.get(Configuration.AIDE);
            if (aide != null && !aide.equals(before.get(Configuration.AIDE))) {
                refuse("AIDE", List.of("aide", "--config=" + candidate.resolve(Configuration.AIDE), "--config-check"));
            }
            Map<String, String> fail2ban = part(files, Configuration.FAIL2BAN);
            if (!fail2ban.isEmpty() && !fail2ban.equals(part(before, Configuration.FAIL2BAN))) {
                refuse(
                        "fail2ban",
                        List.of(
                                "fail2ban-client",
                                "-c",
                                candidate.resolve("fail2ban").toString(),
                                "-t"));
            }
        } finally {
            installation.forgetCandidate();
        }
    }

    private void refuse(String program, List<String> command) {
        Programs.Result result = programs.run(PROGRAM, "", command);
        if (!result.ok()) {
            throw HandlerException.badSettings(
                    "cannot use the settings: %s refuses what they become: %s".formatted(program, result.lastLines()),
                    "Nothing was changed. Look whether files of " + places.fail2ban() + " were changed by hand.");
        }
    }

    private void putBack(HandlerContext context, Map<String, String> before, Map<String, String> unitsBefore)
            throws IOException {
        if (before.isEmpty()) {
            return;
        }
        context.log().warning("the new settings cannot be put to work; the old ones are put back");
        installation.configuration(before);
        try {
            List<String> active = before.getOrDefault("units", "").lines().toList();
            units.replace(unitsBefore, active, List.of(UnitFiles.ATTACKS));
        } catch (HandlerException e) {
            context.log().error("the old settings cannot be put back to work either: " + e.getMessage());
        }
    }

    /** Takes changes into the baseline that somebody ordered to accept, once for each id. */
    private void accept(HandlerContext context, IntrusionSettings settings, Map<String, String> files)
            throws IOException {
        Optional<Accept> order =
                settings.integrity().accept().filter(_ -> settings.integrity().enabled());
        if (order.isEmpty()) {
            installation.nothingAccepted();
            return;
        }
        String id = order.get().id();
        if (installation.wasAccepted(id)) {
            return;
        }
        if (!Files.exists(places.baselineSettings())) {
            installation.accepted(id, "nothing to accept: the baseline is made now");
            return;
        }
        context.report(Status.transitioning("Accepting changes"));
        if (!installation.hasBaseline(files.getOrDefault(Configuration.AIDE, "")) && !units.run(UnitFiles.BASELINE)) {
            installation.accepted(id, "cannot accept anything: the baseline could not be made for the new settings");
            return;
        }
        List<String> command = new ArrayList<>(
                List.of("/bin/sh", places.programs().resolve("accept").toString()));
        command.addAll(
                order.get().paths().isEmpty() ? List.of("--all") : order.get().paths());
        Programs.Result result = programs.run(PROGRAM, "", command);
        String said = result.output().strip();
        context.log().info("accept " + id + ": " + said);
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot accept changes: " + result.lastLines(),
                    "The baseline is as it was. Everything else of the settings is at work.");
        }
        installation.accepted(id, said);
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> updateNote.leave(context));
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("stop the intrusion detection", () -> {
            installation.forgetStatusFile();
            if (places.hasSystemd()) {
                units.disable();
            }
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the intrusion detection", () -> {
            if (updateNote.isFor(context)) {
                context.log().info("this is an update; everything stays for the new version");
                return;
            }
            if (places.hasSystemd()) {
                units.remove();
            }
            Optional<String> masked = installation.masked();
            if (masked.isPresent()) {
                units.unmask(List.of(masked.get()));
                installation.unmasked();
            }
            List<String> all = new ArrayList<>(PACKAGES);
            all.addAll(BLOCKING_PACKAGES);
            packages(context, all).removeAdded().ifPresent(context.log()::info);
            // Last: until the packages are gone, a repeated uninstall must still know of them.
            installation.remove();
        });
    }

    private Status report() {
        Programs.Result result = programs.run(
                PROGRAM,
                "",
                List.of("/bin/sh", places.programs().resolve("report").toString()));
        try {
            return StatusText.read(result.output());
        } catch (IllegalArgumentException e) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot tell the state of the intrusion detection: " + e.getMessage(),
                    "This is a defect of the extension; please report it with its log.",
                    e);
        }
    }

    private void requirePrograms() {
        for (String program : List.of("aide", "fail2ban-server")) {
            if (places.findProgram(program).isEmpty()) {
                throw new HandlerException(
                        ExitCode.MISSING_DEPENDENCY,
                        "cannot set up the intrusion detection: there is no program " + program + " on this machine",
                        "Install the packages aide and fail2ban, or install this extension again.");
            }
        }
    }

    private static Map<String, String> part(Map<String, String> files, String prefix) {
        Map<String, String> part = new java.util.TreeMap<>(files);
        part.keySet().removeIf(name -> !name.startsWith(prefix));
        return part;
    }

    private Packages packages(HandlerContext context, List<String> names) {
        return new Packages(programs, context.log(), PackageClaims.of(places.root()), places.installed(), names);
    }

    private static void guarded(String what, Work work) {
        try {
            work.run();
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot " + what + ": " + SmallFiles.why(e),
                    "Check that the file system is writable and not full.",
                    e);
        }
    }
}
