package dev.vmext.server.gateway;

import dev.vmext.fleet.MachineCertificate;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.CertificateRequest;
import dev.vmext.protocol.opamp.ConnectionSettingsOffers;
import dev.vmext.protocol.opamp.ConnectionSettingsRequest;
import dev.vmext.protocol.opamp.OpampConnectionSettings;
import dev.vmext.protocol.opamp.OpampConnectionSettingsRequest;
import dev.vmext.protocol.opamp.TlsCertificate;
import dev.vmext.protocol.opamp.TlsConnectionSettings;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.ca.ClientCertificate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Answers one link's certificate requests: enrolment with a token, renewal with a certificate. Used by the link's session only. */
final class CertificateOffice {
    /** A link needs one; more than a few are a fault of the agent. */
    private static final int MAX_REQUESTS = 8;

    private final SessionParts parts;
    private final LinkIdentity identity;
    private int requests;

    CertificateOffice(SessionParts parts, LinkIdentity identity) {
        this.parts = parts;
        this.identity = identity;
    }

    /** The complete block of connection settings: what it leaves out an agent would switch off. */
    ConnectionSettingsOffers answer(ConnectionSettingsRequest request, String endpoint) {
        byte[] csr = csr(request);
        if (++requests > MAX_REQUESTS) {
            throw new ProblemException(
                    ProblemCode.CERTIFICATE_REQUEST_INVALID,
                    "cannot issue a certificate: this link has asked " + requests + " times",
                    "connect with the certificate that was sent");
        }
        ClientCertificate issued = issue(csr);
        String caPem = parts.authority().certificatePem();
        long heartbeat = parts.settings().heartbeat().toSeconds();
        Digest hash = Digest.of((issued.pem() + caPem + endpoint + heartbeat).getBytes(StandardCharsets.UTF_8));
        OpampConnectionSettings settings = new OpampConnectionSettings(
                endpoint,
                null,
                new TlsCertificate(Bytes.ofUtf8(issued.pem()), Bytes.EMPTY, Bytes.ofUtf8(caPem)),
                heartbeat,
                new TlsConnectionSettings(caPem, false, false, "1.2", "1.3", List.of()),
                null);
        return new ConnectionSettingsOffers(Bytes.of(hash.hash()), settings, null, null, null, Map.of());
    }

    private ClientCertificate issue(byte[] csr) {
        String machineId = identity.machine().id();
        if (identity instanceof LinkIdentity.TokenHolder holder) {
            // From here on the token is good for this key only: a lost answer can be asked for again, by nobody else.
            parts.fleet()
                    .bindKey(
                            holder.token().reveal(),
                            parts.authority().requestedKey(csr).text());
        }
        ClientCertificate issued = parts.authority().issue(UUID.fromString(machineId), csr);
        parts.fleet()
                .certificateIssued(new MachineCertificate(
                        issued.serial(),
                        machineId,
                        issued.keyDigest().text(),
                        issued.notBefore(),
                        issued.notAfter(),
                        false));
        return issued;
    }

    private static byte[] csr(ConnectionSettingsRequest request) {
        @Nullable OpampConnectionSettingsRequest opamp = request.opamp();
        @Nullable CertificateRequest certificate = opamp == null ? null : opamp.certificateRequest();
        return certificate == null ? new byte[0] : certificate.csr().toArray();
    }
}
