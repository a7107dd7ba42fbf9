package dev.vmext.agent.journal;

import dev.vmext.packageformat.manifest.ExtensionName;
import dev.vmext.packageformat.manifest.ExtensionReference;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.packageformat.manifest.VersionConstraint;
import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is remembered of a package, to JSON and back; what is missing is what a package without extension.json says. Pure. */
final class TraitsCodec {
    private TraitsCodec() {}

    /** Writes the fields into the object that is open. */
    static void encode(JsonWriter out, Traits traits) {
        out.bool("oneShot", traits.oneShot())
                .bool("installsOnUpdate", traits.installsOnUpdate())
                .bool("continuesOnUpdateFailure", traits.continuesOnUpdateFailure())
                .number("attempts", traits.attempts())
                .number("retryDelay", traits.retryDelay().toSeconds())
                .number("maxRetryDelay", traits.maxRetryDelay().toSeconds())
                .bool("sideBySide", traits.sideBySide())
                .number("healthTime", traits.healthTime().toSeconds())
                .text("reboot", traits.reboot().name())
                .strings("leases", traits.leases().stream().map(Lease::text).toList())
                .strings("needs", texts(traits.needs()))
                .strings("excludes", texts(traits.excludes()));
    }

    private static List<String> texts(List<ExtensionReference> references) {
        return references.stream()
                .map(one -> one.name().text() + " " + one.version().text())
                .toList();
    }

    static Traits decode(JsonReader in) {
        boolean oneShot = false;
        boolean installsOnUpdate = true;
        boolean continues = false;
        int attempts = 1;
        Duration delay = Duration.ZERO;
        Duration maxDelay = Duration.ZERO;
        boolean sideBySide = false;
        Duration healthTime = Duration.ZERO;
        Reboot reboot = Reboot.NEVER;
        List<Lease> leases = new ArrayList<>();
        List<ExtensionReference> needs = List.of();
        List<ExtensionReference> excludes = List.of();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "oneShot" -> oneShot = in.bool();
                case "installsOnUpdate" -> installsOnUpdate = in.bool();
                case "continuesOnUpdateFailure" -> continues = in.bool();
                case "attempts" -> attempts = in.smallInteger();
                case "retryDelay" -> delay = Duration.ofSeconds(in.integer());
                case "maxRetryDelay" -> maxDelay = Duration.ofSeconds(in.integer());
                case "sideBySide" -> sideBySide = in.bool();
                case "healthTime" -> healthTime = Duration.ofSeconds(in.integer());
                case "reboot" -> reboot = Reboot.valueOf(in.string());
                case "leases" -> {
                    for (String text : texts(in)) {
                        for (Lease lease : Lease.values()) {
                            if (lease.text().equals(text)) {
                                leases.add(lease);
                            }
                        }
                    }
                }
                case "needs" -> needs = references(in);
                case "excludes" -> excludes = references(in);
                default -> in.skip();
            }
        }
        return new Traits(
                oneShot,
                installsOnUpdate,
                continues,
                attempts,
                delay,
                maxDelay,
                sideBySide,
                healthTime,
                reboot,
                leases,
                needs,
                excludes);
    }

    static List<String> texts(JsonReader in) {
        List<String> texts = new ArrayList<>();
        in.array();
        while (in.nextItem()) {
            texts.add(in.string());
        }
        return texts;
    }

    private static List<ExtensionReference> references(JsonReader in) {
        return texts(in).stream()
                .map(text -> text.split(" ", 2))
                .map(parts -> new ExtensionReference(new ExtensionName(parts[0]), new VersionConstraint(parts[1])))
                .toList();
    }
}
