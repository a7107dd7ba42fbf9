package dev.vmext.protocol.link;

import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.PackageAvailable;
import dev.vmext.protocol.opamp.PackageState;
import dev.vmext.protocol.opamp.PackageStatus;
import dev.vmext.protocol.opamp.PackageStatuses;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Observed status as OpAMP's package statuses, which any OpAMP server can show; pure functions, any thread. One line per extension that is on the
 * machine or on its way there, however many installations of it there are. "Installed" means verified and unpacked: what its handler then does is told
 * by the health tree and the status reports.
 */
public final class PackageTable {
    private static final int MAX_TEXT = 256;
    /** Of several installations of an extension, the one that tells most about its package. */
    private static final List<PackageState> TELLING = List.of(
            PackageState.INSTALL_FAILED, PackageState.INSTALLED, PackageState.INSTALLING, PackageState.INSTALL_PENDING);

    private PackageTable() {}

    /**
     * The whole table.
     *
     * @param offered what the control plane offered last. The hash of a version that is not offered any more is left out: the agent keeps none
     */
    public static PackageStatuses of(Collection<InstallationStatus> installations, PackagesAvailable offered) {
        Map<String, PackageStatus> table = new TreeMap<>();
        for (InstallationStatus installation : installations) {
            if (concerns(installation)) {
                PackageStatus line = line(installation, offered.packages().get(installation.extension()));
                table.merge(installation.extension(), line, PackageTable::moreTelling);
            }
        }
        return new PackageStatuses(table, offered.allPackagesHash(), "");
    }

    private static boolean concerns(InstallationStatus installation) {
        return switch (installation.state()) {
            case REMOVED -> false;
            case DISABLING, REMOVING -> installation.version() != null;
            default -> true;
        };
    }

    private static PackageStatus moreTelling(PackageStatus one, PackageStatus other) {
        return TELLING.indexOf(one.status()) <= TELLING.indexOf(other.status()) ? one : other;
    }

    private static PackageStatus line(InstallationStatus installation, @Nullable PackageAvailable offer) {
        String has = installation.version() == null ? "" : installation.version();
        PackageState state = state(installation, has, offer);
        Cause cause = installation.cause();
        return new PackageStatus(
                installation.extension(),
                has,
                offer != null && state == PackageState.INSTALLED && has.equals(offer.version())
                        ? offer.hash()
                        : Bytes.EMPTY,
                offer == null ? "" : offer.version(),
                offer == null ? Bytes.EMPTY : offer.hash(),
                state,
                state == PackageState.INSTALL_FAILED && cause != null ? cut(cause.message()) : "",
                null);
    }

    private static PackageState state(InstallationStatus installation, String has, @Nullable PackageAvailable offer) {
        InstallationState state = installation.state();
        boolean gaveUp = state == InstallationState.FAILED
                || state == InstallationState.TIMED_OUT
                || state == InstallationState.RETURNED;
        if (gaveUp && aboutThePackage(installation.cause())) {
            return PackageState.INSTALL_FAILED;
        }
        if (!has.isEmpty() && (offer == null || has.equals(offer.version()))) {
            return PackageState.INSTALLED;
        }
        return switch (state) {
            case FAILED, TIMED_OUT, RETURNED -> PackageState.INSTALL_FAILED;
            case INSTALLING, ENABLING, UPDATING -> PackageState.INSTALLING;
            // What it has is taken away, whatever is on offer.
            case DISABLING, REMOVING -> PackageState.INSTALLED;
            case WAITING_MACHINE, PENDING, WAITING_PACKAGE, WAITING_LEASE, BLOCKED, READY, REMOVED ->
                PackageState.INSTALL_PENDING;
        };
    }

    /** Then a version of the same name says nothing. */
    private static boolean aboutThePackage(@Nullable Cause cause) {
        return cause != null
                && (cause.kind() == CauseClass.PACKAGE
                        || cause.kind() == CauseClass.SIGNATURE
                        || cause.kind() == CauseClass.TRUST);
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
    }
}
