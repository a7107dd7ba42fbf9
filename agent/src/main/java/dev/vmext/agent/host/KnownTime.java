package dev.vmext.agent.host;

import dev.vmext.agent.seal.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * A time that has passed whatever the machine's clock says: the control plane dated this machine's certificate, and the agent was built
 * before it was installed. Reads the certificate each time; any thread.
 */
public final class KnownTime implements Supplier<Instant> {
    /** Later than this class was written is every day that it can run on. */
    private static final Instant WRITTEN = Instant.parse("2026-01-01T00:00:00Z");

    private final Path certificate;

    /**
     * Reads its time from a file.
     *
     * @param certificate PEM; need not exist yet
     */
    public KnownTime(Path certificate) {
        this.certificate = certificate;
    }

    @Override
    public Instant get() {
        if (!Files.exists(certificate)) {
            return WRITTEN;
        }
        try {
            byte[] der = Pem.read("CERTIFICATE", Files.readAllBytes(certificate));
            X509Certificate dated = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            Instant issued = dated.getNotBefore().toInstant();
            return issued.isAfter(WRITTEN) ? issued : WRITTEN;
        } catch (IOException | CertificateException unreadable) {
            // Who needs the certificate itself says what is wrong with it.
            return WRITTEN;
        }
    }
}
