package dev.vmext.agent.doctor;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.seal.Pem;
import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.CauseClass;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Configuration, trust file and identity. */
final class OwnFiles {
    private static final Duration SOON = Duration.ofDays(3);
    private static final String ENROL =
            "enrol this machine with the command that \"vmext machine enroll-command\" prints";

    private final Places places;
    private final InstantSource clock;
    private final boolean root;

    OwnFiles(Places places, InstantSource clock, boolean root) {
        this.places = places;
        this.clock = clock;
        this.root = root;
    }

    List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        findings.add(configuration());
        findings.add(trust());
        findings.add(root ? identity() : Finding.unseen("identity", "only root can see it", ""));
        return findings;
    }

    private Finding configuration() {
        try {
            AgentConfig config = AgentConfig.read(places.agentFile());
            return Finding.ok(
                    "configuration", places.agentFile() + ", gateways " + String.join(" ", config.gateways()));
        } catch (ProblemException unusable) {
            return Finding.fail(
                    "configuration",
                    CauseClass.SETTINGS,
                    places.agentFile() + ": " + unusable.detail(),
                    unusable.hint().isEmpty() ? ENROL : unusable.hint());
        }
    }

    private Finding trust() {
        Path file = places.trustFile();
        try {
            TrustPolicy policy = TrustFile.read(file);
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.contains(PosixFilePermission.OTHERS_WRITE) || mode.contains(PosixFilePermission.GROUP_WRITE)) {
                return Finding.fail(
                        "trust",
                        CauseClass.TRUST,
                        file + " can be written by others than its owner",
                        "chmod go-w " + file);
            }
            String word = file + ", mode " + policy.mode().text();
            return policy.mode().allowsChanges()
                    ? Finding.ok("trust", word)
                    : Finding.warn(
                            "trust",
                            CauseClass.TRUST,
                            word + ": nothing is changed on this machine",
                            "if that is not wanted, set the mode to no-scripts or full");
        } catch (PackageException unusable) {
            return Finding.fail(
                    "trust",
                    CauseClass.TRUST,
                    file + ": " + unusable.detail() + "; nothing is changed on this machine until it is good",
                    unusable.hint().isEmpty() ? "write it anew; see the examples of trust.json" : unusable.hint());
        } catch (IOException unreadable) {
            return Doctor.broken("trust", unreadable);
        }
    }

    private Finding identity() {
        Path file = places.identity().resolve("current.pem");
        boolean token = Files.exists(places.enrolmentFile());
        if (!Files.exists(file)) {
            return token
                    ? Finding.warn(
                            "identity",
                            CauseClass.TRUST,
                            "this machine is not enrolled yet; it has a token in " + places.enrolmentFile(),
                            "start the agent; if it runs, see the checks of the gateway")
                    : Finding.fail(
                            "identity", CauseClass.TRUST, "this machine has neither an identity nor a token", ENROL);
        }
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(Pem.read("CERTIFICATE", Files.readAllBytes(file))));
            Instant now = clock.instant();
            Instant from = certificate.getNotBefore().toInstant();
            Instant until = certificate.getNotAfter().toInstant();
            String dates = "valid from " + from + " until " + until + ", and this machine's clock says " + now;
            if (now.isBefore(from)) {
                return Finding.fail(
                        "identity",
                        CauseClass.CLOCK,
                        "the machine's certificate is not valid yet: " + dates,
                        "set the clock: timedatectl set-ntp true");
            }
            if (now.isAfter(until)) {
                return Finding.warn(
                        "identity",
                        CauseClass.CLOCK,
                        "the machine's certificate has expired: " + dates,
                        "let the agent connect, it renews it by itself for 400 days; or check the clock");
            }
            return now.isAfter(until.minus(SOON))
                    ? Finding.warn(
                            "identity",
                            CauseClass.NETWORK,
                            "the machine's certificate ends soon and was not renewed: " + dates,
                            "see the checks of the gateway: the agent renews it when it is connected")
                    : Finding.ok("identity", "certificate until " + until);
        } catch (IOException | GeneralSecurityException unreadable) {
            return Finding.fail(
                    "identity", CauseClass.AGENT, file + " cannot be read: " + Doctor.text(unreadable), ENROL);
        }
    }
}
