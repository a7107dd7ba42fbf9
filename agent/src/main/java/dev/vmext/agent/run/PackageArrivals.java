package dev.vmext.agent.run;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.HostCare;
import dev.vmext.agent.journal.Deployed;
import dev.vmext.agent.journal.Entry;
import dev.vmext.agent.journal.Traits;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.signing.VerifiedPackage;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a package comes onto the machine: fetched, verified, asked about (does its owner allow it, is the machine fit for it, is it what
 * was published before under that version), unpacked. Called by workers.
 */
final class PackageArrivals {
    private final Places places;
    private final PackageStore packages;
    private final HandlerContract contract;
    private final SettingsGuard guard;
    private final Limits limits;
    private final HostCare care;
    private final CommandCauses causes;
    private final HandlerFolders folders;

    PackageArrivals(
            Places places,
            PackageStore packages,
            HandlerContract contract,
            SettingsGuard guard,
            Limits limits,
            HostCare care,
            CommandCauses causes) {
        this.places = places;
        this.packages = packages;
        this.contract = contract;
        this.guard = guard;
        this.limits = limits;
        this.care = care;
        this.causes = causes;
        this.folders = new HandlerFolders(places);
    }

    StepResult fetch(InstallationGoal goal, @Nullable PackageOffer offer) throws IOException, InterruptedException {
        PackageOffer offered = Objects.requireNonNull(offer, "a package is fetched only when it is offered");
        try {
            VerifiedPackage verified = packages.fetch(offered, limits.fetch());
            return guard.refusesPackage(verified.description())
                    .<StepResult>map(StepResult.Failed::new)
                    .orElse(StepResult.Done.PLAIN);
        } catch (IOException | RuntimeException e) {
            String subject = goal.extension() + " " + goal.version();
            return new StepResult.Failed(causes.located(Causes.of(fetchWord(e), subject, e), places.packages()));
        }
    }

    /** What came may be bad; what does not come was never looked at. */
    private static String fetchWord(Exception failed) {
        return failed instanceof PackageException || failed instanceof ProblemException ? "verify" : "fetch";
    }

    /** Verifies once more, asks owner and machine, and unpacks into the folder of this version. */
    StepResult unpack(Entry entry, Digest digest, String version) throws IOException {
        VerifiedPackage verified = packages.verify(digest, entry.extension(), version);
        Optional<Cause> refused =
                changedRelease(entry, version, digest).or(() -> guard.refusesPackage(verified.description()));
        if (refused.isEmpty()) {
            refused = unfit(entry, version, verified);
        }
        if (refused.isPresent()) {
            return new StepResult.Failed(refused.get());
        }
        packages.unpack(verified, folders.base(entry, version));
        contract.prepare(folders.of(entry, version, verified.description()));
        return new StepResult.Done(Traits.of(verified.description()), null, "");
    }

    /** Unpacking it would also replace the folder of the one that runs. */
    private static Optional<Cause> changedRelease(Entry entry, String version, Digest digest) {
        Deployed current = entry.current();
        if (current == null
                || !current.version().equals(version)
                || current.digest().equals(digest)) {
            return Optional.empty();
        }
        return Optional.of(new Cause(
                CauseClass.PACKAGE,
                "verify",
                "cannot use package " + entry.extension() + " " + version
                        + ": this machine has that version with digest " + current.digest()
                        + ", and a published version never changes",
                "publish the change under a new version",
                Map.of("digest", digest.text(), "known", current.digest().text(), "version", version)));
    }

    /** Asked before the first touch. A return to what ran here before is never refused for the machine's sake. */
    private Optional<Cause> unfit(Entry entry, String version, VerifiedPackage verified) throws IOException {
        if (entry.returning() != null) {
            return Optional.empty();
        }
        return care.preflight(
                entry.extension() + " " + version,
                verified.description(),
                Files.size(verified.file()),
                folders.base(entry, version),
                places.handlerLogs(entry.extension()));
    }
}
