package dev.vmext.firewall;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.machine.PackageClaims;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import dev.vmext.extensionkit.monitoring.Endpoint;
import dev.vmext.extensionkit.monitoring.MonitoringFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The commands of the contract. Enable turns settings into rules and hands them to the script {@code firewall-rules}, which
 * checks, loads and confirms them, or takes them back; the same script then runs on as units of systemd. Everything may be
 * repeated. One thread.
 *
 * <p>While a new version proves itself the old one stays enabled beside it. Both share one table: enabling the new one replaces
 * its rules in one step, disabling the old one then changes nothing, and disabling the new one puts the old one's rules back.
 */
final class Firewall implements Handler {
    private final Programs programs;
    private final Places places;

    Firewall(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /** What a command does, where any file may fail. */
    private interface Work<T> {
        T run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the firewall", () -> {
            installed(context).announce();
            Packages packages = packages(context);
            packages.claim();
            if (places.findNft().isEmpty()) {
                packages.install();
            }
            packages.remember();
            return nft();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        FirewallSettings settings = FirewallSettings.from(context.settings());
        ControlPlane controlPlane = ControlPlane.find(
                places.agentFile(), context.variable("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS"), context.log()::info);
        Lockout.refuse(settings, controlPlane);
        String rules = RuleCompiler.compile(settings, controlPlane);
        String nft = nft();
        context.report(Status.transitioning("Loading " + settings.rules().size() + " rules"));
        return guarded("set up the firewall", () -> {
            Installed installed = installed(context);
            installed.copyScripts(context.environment().baseFolder().resolve("bin"));
            Services services = new Services(programs, places);
            Optional<String> noServices = write(services, installed, settings);
            installed.writeEnvironment(environment(context, settings, controlPlane, nft, noServices.isEmpty()));
            installed.writeReturnedStatus(context.rendered(Status.error(
                    ExitCode.EXECUTION,
                    "The control plane at %s was lost within %d seconds after new rules were loaded, so the rules before are back"
                            .formatted(controlPlane.text(), settings.confirmSeconds()))));
            Installed.Outcome outcome = installed.apply(rules, settings.confirmSeconds(), controlPlane.text());
            Optional<String> why = noServices.isPresent() ? noServices : start(services);
            new MonitoringFile(context.environment())
                    .replace(why.isPresent() ? List.of() : List.of(counters(settings)), List.of());
            Status status = Status.success(summary(settings)).with(Status.Part.success("rules", list(settings)));
            List<String> advice = Advice.about(settings);
            if (!advice.isEmpty()) {
                status = status.with(new Status.Part("advice", Status.Level.WARNING, 0, String.join("\n", advice)));
            }
            return status.with(confirmation(outcome, settings, controlPlane))
                    .with(why.map(text -> new Status.Part("boot", Status.Level.WARNING, 0, text))
                            .orElseGet(() -> Status.Part.success(
                                    "boot",
                                    "The rules are loaded at every boot, and looked after every %d seconds."
                                            .formatted(settings.driftCheckSeconds()))))
                    .with(Status.Part.success("table", installed.list(nft)));
        });
    }

    @Override
    public void update(HandlerContext context) {
        // Of the version that comes: what all versions share then stays when the old one goes.
        String coming = context.variable("VERSION").orElseGet(() -> version(context));
        guarded("prepare the update", () -> {
            new Installed(programs, places, coming).announce();
            return coming;
        });
    }

    @Override
    public void disable(HandlerContext context) {
        guarded("disable the firewall", () -> {
            handOver(context, installed(context));
            return "";
        });
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the firewall", () -> {
            Installed installed = installed(context);
            handOver(context, installed);
            SmallFiles.delete(installed.folder());
            if (!installed.isAlone()) {
                context.log().info("another version is on the machine; what both use stays");
                return "";
            }
            new Services(programs, places).remove();
            SmallFiles.delete(places.rulesFolder());
            SmallFiles.delete(places.runFolder());
            packages(context).removeAdded().ifPresent(context.log()::info);
            // Last: until the packages are gone, a repeated uninstall must still know of them.
            SmallFiles.delete(places.state());
            return "";
        });
    }

    /** From now on this version's rules are not in force: another version's are, or none. */
    private void handOver(HandlerContext context, Installed installed) throws IOException {
        Services services = new Services(programs, places);
        installed.retire();
        Optional<Installed> other = installed.findOther();
        if (other.isPresent()) {
            if (installed.isCurrent()) {
                other.get().adopt();
                if (services.possible()) {
                    services.adopt(other.get().units());
                }
                context.log().info("the rules of another version are in force again");
            }
            return;
        }
        services.stop();
        Optional<String> nft = places.findNft();
        if (nft.isEmpty()) {
            context.log().warning("there is no nft any more, so there is no table to remove");
            return;
        }
        Programs.Result result = installed
                .remove()
                .orElseGet(() ->
                        programs.run(Duration.ofMinutes(1), RuleCompiler.removal(), List.of(nft.get(), "-f", "-")));
        if (!result.ok()) {
            throw new HandlerException(
                    ExitCode.EXECUTION,
                    "cannot remove the rules: nft said: " + result.lastLines(),
                    "nft needs root and a kernel with nf_tables.");
        }
    }

    /** Empty when it went well: without units the rules work until the next boot all the same. */
    private Optional<String> write(Services services, Installed installed, FirewallSettings settings)
            throws IOException {
        if (!services.possible()) {
            return Optional.of("This machine runs no systemd: after a boot the rules are loaded when the agent starts, "
                    + "and nobody repairs them.");
        }
        try {
            services.write(installed.units(), settings);
            return Optional.empty();
        } catch (HandlerException e) {
            return Optional.of("The rules will not be loaded at boot: " + e.getMessage());
        }
    }

    private static Optional<String> start(Services services) {
        try {
            services.start();
            return Optional.empty();
        } catch (HandlerException e) {
            return Optional.of("The rules will not be loaded at boot: " + e.getMessage());
        }
    }

    private List<Installed.Variable> environment(
            HandlerContext context, FirewallSettings settings, ControlPlane controlPlane, String nft, boolean systemd) {
        String links = controlPlane.endpoints().stream()
                .map(e -> e.host() + " " + e.port())
                .collect(Collectors.joining("\n"));
        Path events = context.environment().eventsFolder().orElse(Path.of(""));
        return List.of(
                new Installed.Variable("VERSION", version(context)),
                new Installed.Variable("STATE", places.state().toString()),
                new Installed.Variable("RULES", places.rules().toString()),
                new Installed.Variable("NFT", nft),
                new Installed.Variable("EVENTS", events.toString()),
                new Installed.Variable("STATUS", context.statusPath().toString()),
                new Installed.Variable("LINKS", links),
                new Installed.Variable("CONFIRM", Integer.toString(settings.confirmSeconds())),
                new Installed.Variable("SYSTEMD", systemd ? "1" : ""));
    }

    /** At most one series for packets and one for bytes of each rule, and a few besides. */
    private Endpoint counters(FirewallSettings settings) {
        int series = 2 * settings.rules().size() + 20;
        Endpoint.Address socket = new Endpoint.Address.Socket(places.socket().toString(), "/metrics");
        return new Endpoint("counters", socket, 60, 10, series, List.of(), List.of(), Map.of());
    }

    private static Status.Part confirmation(
            Installed.Outcome outcome, FirewallSettings settings, ControlPlane controlPlane) {
        return switch (outcome) {
            case UNCHANGED -> Status.Part.success("confirmation", "These rules were in force already.");
            case CONFIRMED ->
                Status.Part.success(
                        "confirmation",
                        "The control plane at %s answers under these rules. If it is lost within %d seconds, the rules before come back."
                                .formatted(controlPlane.text(), settings.confirmSeconds()));
            case UNCHECKED ->
                new Status.Part(
                        "confirmation",
                        Status.Level.WARNING,
                        0,
                        settings.confirmSeconds() == 0
                                ? "Nobody asked whether the control plane answers, because confirmSec is 0."
                                : "Nobody asked whether the control plane answers: the agent does not say where it is.");
            case UNREACHABLE ->
                new Status.Part(
                        "confirmation",
                        Status.Level.WARNING,
                        0,
                        "The control plane at %s did not answer before these rules were loaded, so nobody can tell whether they cut it off."
                                .formatted(controlPlane.text()));
        };
    }

    private String nft() {
        return places.findNft()
                .orElseThrow(() -> new HandlerException(
                        ExitCode.MISSING_DEPENDENCY,
                        "cannot set up the firewall: there is no program nft on this machine",
                        "Install the package nftables, or install this extension again."));
    }

    private Packages packages(HandlerContext context) {
        return new Packages(
                programs, context.log(), PackageClaims.of(places.root()), places.state(), List.of("nftables"));
    }

    private Installed installed(HandlerContext context) {
        return new Installed(programs, places, version(context));
    }

    /** As the agent says it, or as the folder of the package is called. */
    private static String version(HandlerContext context) {
        return context.variable("AZURE_GUEST_AGENT_EXTENSION_VERSION")
                .filter(v -> !v.isBlank())
                .orElseGet(
                        () -> String.valueOf(context.environment().baseFolder().getFileName())
                                .replaceFirst(".*-", ""));
    }

    private static String summary(FirewallSettings settings) {
        long forward = settings.count(Rule.Direction.FORWARD);
        return "%d rules are in force: %d inbound, %d outbound%s; other inbound traffic: %s%s"
                .formatted(
                        settings.rules().size(),
                        settings.count(Rule.Direction.IN),
                        settings.count(Rule.Direction.OUT),
                        forward == 0 ? "" : ", " + forward + " through the machine",
                        settings.dropByDefault() ? "drop" : "accept",
                        settings.dropOutbound() ? "; other outbound traffic: drop" : "");
    }

    private static String list(FirewallSettings settings) {
        return settings.rules().isEmpty()
                ? "(no rules)"
                : settings.rules().stream().map(Rule::text).collect(Collectors.joining("\n"));
    }

    private static <T> T guarded(String what, Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES,
                    "cannot " + what + ": " + SmallFiles.why(e),
                    "Check that the file system is writable and not full.",
                    e);
        }
    }
}
