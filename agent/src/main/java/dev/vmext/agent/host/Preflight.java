package dev.vmext.agent.host;

import dev.vmext.packageformat.manifest.Applicability;
import dev.vmext.packageformat.manifest.Lease;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.Reboot;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a machine is fit for a package, asked before anything of it touches the machine: a full disk found here is a sentence, found in
 * the middle of an update it is a broken extension. The first check that fails is the answer. Pure but for the state it is handed.
 */
public final class Preflight {
    /** A package takes about three times its size unpacked, and is unpacked beside the old version. */
    static final int UNPACKED_TIMES = 4;

    static final long RESERVE_BYTES = 16L << 20;
    static final long LOG_BYTES = 8L << 20;
    static final long MIN_INODES = 1000;
    static final long MIN_MEMORY_KIB = 32L << 10;
    /** Certificates begin one hour back, and nobody minds a clock that is a little slow. */
    static final Duration CLOCK_SLACK = Duration.ofMinutes(5);

    private static final String STEP = "preflight";

    /**
     * What is about to be unpacked.
     *
     * @param subject {@code acme.Firewall 1.2.0}
     * @param packageBytes of the package file
     * @param code the folder it will be unpacked to
     * @param logs the folder its handler will log to
     * @param gateways host names of the control plane: names that this machine must be able to resolve
     */
    public record Request(
            String subject,
            PackageDescription description,
            long packageBytes,
            Path code,
            Path logs,
            List<String> gateways) {
        public Request {
            gateways = List.copyOf(gateways);
        }
    }

    private final HostState state;

    public Preflight(HostState state) {
        this.state = state;
    }

    /** Why it must not be installed now; empty when nothing speaks against it. */
    public Optional<Cause> check(Request request) throws IOException {
        Optional<Cause> found = clock(request);
        if (found.isEmpty()) {
            found = platform(request);
        }
        if (found.isEmpty()) {
            found = volume(request, request.code(), codeBytes(request), true);
        }
        if (found.isEmpty()) {
            found = volume(request, request.logs(), LOG_BYTES, false);
        }
        if (found.isEmpty()) {
            found = memory(request);
        }
        if (found.isEmpty()) {
            found = packageManager(request);
        }
        if (found.isEmpty()) {
            found = names(request);
        }
        if (found.isEmpty()) {
            found = restart(request);
        }
        return found;
    }

    private static long codeBytes(Request request) {
        long declared =
                (long) request.description().execution().budget().diskMiB().orElse(0) << 20;
        return request.packageBytes() * UNPACKED_TIMES + declared + RESERVE_BYTES;
    }

    private Optional<Cause> clock(Request request) {
        Instant now = state.now();
        Instant known = state.atLeast();
        if (!now.isBefore(known.minus(CLOCK_SLACK))) {
            return Optional.empty();
        }
        return cause(
                CauseClass.CLOCK,
                request,
                "the machine's clock says " + now + ", and it is " + known + " at least",
                "set the clock (timedatectl set-ntp true), or look at the time that the hypervisor gives",
                Map.of("now", now.toString(), "atLeast", known.toString()));
    }

    private Optional<Cause> platform(Request request) {
        Applicability declared = request.description().applicability();
        // Which provider a machine comes from is known to the control plane only, which checks it.
        Applicability here =
                new Applicability(declared.platforms(), List.of(), declared.dependencies(), declared.conflicts());
        return here.misfit(state.facts())
                .flatMap(misfit -> cause(
                        CauseClass.PLATFORM,
                        request,
                        misfit,
                        "choose a version for this platform, or another machine",
                        Map.of(
                                "distro", state.facts().distro(),
                                "version", state.facts().version(),
                                "arch", state.facts().arch())));
    }

    private Optional<Cause> volume(Request request, Path folder, long needed, boolean runsFromThere)
            throws IOException {
        HostState.Volume volume = state.volume(folder);
        String mount = volume.mountPoint().toString();
        if (volume.readOnly()) {
            return cause(
                    CauseClass.DISK,
                    request,
                    "the file system " + mount + " is read-only, and " + folder + " is on it",
                    "a disk with faults is often made read-only by the kernel: look at dmesg, repair it, mount it again",
                    Map.of("path", folder.toString(), "mount", mount, "errno", "EROFS"));
        }
        if (runsFromThere && volume.noExec()) {
            return cause(
                    CauseClass.PERMISSION,
                    request,
                    "the file system " + mount + " is mounted noexec, and handlers run from " + folder,
                    "mount it without noexec: mount -o remount,exec " + mount,
                    Map.of("path", folder.toString(), "mount", mount));
        }
        if (volume.freeBytes() < needed) {
            return cause(
                    CauseClass.DISK,
                    request,
                    "there are " + mib(volume.freeBytes()) + " MiB free on " + mount + ", and it needs " + mib(needed)
                            + " MiB",
                    "make space on " + mount,
                    Map.of(
                            "path",
                            folder.toString(),
                            "mount",
                            mount,
                            "freeMiB",
                            mib(volume.freeBytes()),
                            "neededMiB",
                            mib(needed)));
        }
        if (volume.freeInodes() != HostState.UNKNOWN && volume.freeInodes() < MIN_INODES) {
            return cause(
                    CauseClass.DISK,
                    request,
                    "only " + volume.freeInodes() + " more files can be made on " + mount,
                    "find folders with very many small files on " + mount + " and delete what is not needed",
                    Map.of(
                            "path",
                            folder.toString(),
                            "mount",
                            mount,
                            "freeInodes",
                            String.valueOf(volume.freeInodes())));
        }
        return Optional.empty();
    }

    private static String mib(long bytes) {
        return String.valueOf(bytes >> 20);
    }

    private Optional<Cause> memory(Request request) throws IOException {
        long available = state.availableKiB();
        if (available == HostState.UNKNOWN || available >= MIN_MEMORY_KIB) {
            return Optional.empty();
        }
        return cause(
                CauseClass.MEMORY,
                request,
                "only " + (available >> 10) + " MiB of memory are available, and its commands need "
                        + (MIN_MEMORY_KIB >> 10) + " MiB at least",
                "look at what uses the memory, or give the machine more",
                Map.of("availableKiB", String.valueOf(available)));
    }

    private Optional<Cause> packageManager(Request request) throws IOException {
        if (!request.description().execution().leases().contains(Lease.PACKAGE_MANAGER)) {
            return Optional.empty();
        }
        return state.interruptedPackageManager()
                .flatMap(path -> cause(
                        CauseClass.LOCK,
                        request,
                        "dpkg was interrupted on this machine and refuses all work until that is finished",
                        "run dpkg --configure -a on the machine",
                        Map.of("path", path.toString())));
    }

    /** Only what says that it uses the network can fail for its names; anything else can be installed without. */
    private Optional<Cause> names(Request request) {
        boolean usesNetwork = request.description().execution().leases().contains(Lease.PACKAGE_MANAGER)
                || request.description().execution().privileges().contains("network");
        if (!usesNetwork) {
            return Optional.empty();
        }
        for (String host : request.gateways()) {
            Optional<String> why = state.unresolvable(host);
            if (why.isPresent()) {
                return cause(
                        CauseClass.DNS,
                        request,
                        "the machine cannot resolve " + host + ": " + why.get(),
                        "look at /etc/resolv.conf and at the name server in it",
                        Map.of("host", host));
            }
        }
        return Optional.empty();
    }

    private Optional<Cause> restart(Request request) {
        if (request.description().execution().reboot() == Reboot.NEVER) {
            return Optional.empty();
        }
        return state.restartMarker()
                .flatMap(marker -> cause(
                        CauseClass.REBOOT_PENDING,
                        request,
                        "the machine waits for a restart that somebody else needs, and this extension may need one itself",
                        "restart the machine first",
                        Map.of("path", marker.toString())));
    }

    private static Optional<Cause> cause(
            CauseClass kind, Request request, String why, String hint, Map<String, String> evidence) {
        return Optional.of(new Cause(kind, STEP, "cannot install " + request.subject() + ": " + why, hint, evidence));
    }
}
