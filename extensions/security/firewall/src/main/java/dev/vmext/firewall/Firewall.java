package dev.vmext.firewall;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Handler;
import dev.vmext.extensionkit.HandlerContext;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.SmallFiles;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.machine.Packages;
import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The commands of the contract. Enable checks and loads the rules and only then writes them down for the next boot, so that a
 * boot never meets rules that were not in force before. Everything may be repeated. One thread.
 *
 * <p>During an update the new version's {@code update} leaves a note, so that the old version's {@code uninstall} does not take
 * away the package nftables that the new one is about to need.
 */
final class Firewall implements Handler {
    private static final String SERVER_ADDRESS = "AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS";

    private final Programs programs;
    private final Places places;

    Firewall(Programs programs, Places places) {
        this.programs = programs;
        this.places = places;
    }

    /** What a command does, where any file may fail. */
    private interface Work {
        void run() throws IOException;
    }

    @Override
    public void install(HandlerContext context) {
        guarded("install the firewall", () -> {
            Files.deleteIfExists(updateNote());
            Packages packages = packages(context);
            if (places.findNft().isEmpty()) {
                packages.install();
            }
            packages.remember();
            nft();
        });
    }

    @Override
    public Status enable(HandlerContext context) {
        FirewallSettings settings = FirewallSettings.from(context.settings());
        String text = RuleCompiler.compile(settings, controlPlane(context));
        String nft = nft();
        Table table = new Table(programs, nft);
        context.report(Status.transitioning("Loading " + settings.rules().size() + " rules"));
        table.replace(text);
        Status[] status = {Status.success(summary(settings))};
        guarded("write the rules for the next boot", () -> {
            SmallFiles.replace(places.rules(), text, "rw-------");
            Files.deleteIfExists(updateNote());
            Optional<String> boot = new BootUnit(programs, places).enable(nft);
            status[0] = status[0]
                    .with(Status.Part.success("rules", list(settings)))
                    .with(boot.map(why -> new Status.Part("boot", Status.Level.WARNING, 0, why))
                            .orElseGet(() -> Status.Part.success("boot", "The rules are loaded at every boot.")));
        });
        return status[0].with(Status.Part.success("table", table.list()));
    }

    @Override
    public void update(HandlerContext context) {
        guarded("prepare the update", () -> {
            String from =
                    context.variable("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION").orElse("");
            SmallFiles.replace(updateNote(), from, "rw-r--r--");
        });
    }

    @Override
    public void disable(HandlerContext context) {
        new BootUnit(programs, places).disable();
        removeTable(context);
    }

    @Override
    public void uninstall(HandlerContext context) {
        guarded("remove the firewall", () -> {
            removeTable(context);
            new BootUnit(programs, places).remove();
            SmallFiles.delete(places.rulesFolder());
            if (isUpdate(context)) {
                context.log().info("this is an update; the package nftables stays");
                return;
            }
            packages(context).removeAdded().ifPresent(context.log()::info);
            // Last: until the packages are gone, a repeated uninstall must still know of them.
            SmallFiles.delete(places.state());
        });
    }

    private void removeTable(HandlerContext context) {
        Optional<String> nft = places.findNft();
        if (nft.isPresent()) {
            new Table(programs, nft.get()).remove();
        } else {
            context.log().warning("there is no nft any more, so there is no table to remove");
        }
    }

    private String nft() {
        return places.findNft()
                .orElseThrow(() -> new HandlerException(
                        ExitCode.MISSING_DEPENDENCY,
                        "cannot set up the firewall: there is no program nft on this machine",
                        "Install the package nftables, or install this extension again."));
    }

    /** The address of the agent's server, when the agent gives one that is an address. */
    private static Optional<Cidr> controlPlane(HandlerContext context) {
        try {
            return context.variable(SERVER_ADDRESS)
                    .filter(a -> !a.isBlank() && a.indexOf('/') < 0)
                    .map(Cidr::parse);
        } catch (IllegalArgumentException e) {
            context.log().info("the agent's server is not given as an address; only its ports are kept open");
            return Optional.empty();
        }
    }

    private Packages packages(HandlerContext context) {
        return new Packages(programs, context.log(), places.state(), List.of("nftables"));
    }

    private static String summary(FirewallSettings settings) {
        long in = settings.rules().stream()
                .filter(r -> r.direction() == Rule.Direction.IN)
                .count();
        return "%d rules are in force: %d inbound, %d outbound; other inbound traffic: %s"
                .formatted(
                        settings.rules().size(),
                        in,
                        settings.rules().size() - in,
                        settings.dropByDefault() ? "drop" : "accept");
    }

    private static String list(FirewallSettings settings) {
        return settings.rules().isEmpty()
                ? "(no rules)"
                : settings.rules().stream().map(Rule::text).collect(Collectors.joining("\n"));
    }

    /** A note for another version is a leftover of an update that failed. */
    private boolean isUpdate(HandlerContext context) throws IOException {
        if (!Files.exists(updateNote())) {
            return false;
        }
        String from = SmallFiles.readText(updateNote(), 1024);
        String own = context.variable("AZURE_GUEST_AGENT_EXTENSION_VERSION").orElse(from);
        return from.isBlank() || from.equals(own);
    }

    private Path updateNote() {
        return places.state().resolve("updating");
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
