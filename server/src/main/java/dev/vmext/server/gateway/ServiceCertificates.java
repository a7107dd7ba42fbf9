package dev.vmext.server.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.packageformat.manifest.GatewayUse;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.ca.ServiceAuthority;
import dev.vmext.server.ca.ServiceRequest;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code POST /v1/certificates/INSTALLATION/CERTIFICATE}: a PKCS#10 request in, a chain in PEM out. A machine gets exactly the names that
 * an operator wrote into the settings of that installation, {@code certificates[].names}, and no others: root on a machine cannot pass for
 * another service. One thread per request.
 */
final class ServiceCertificates {
    static final String CHAIN = "application/pem-certificate-chain";
    private static final int USUAL_DAYS = 30;

    private final Fleet fleet;
    private final ServiceAuthority authority;

    ServiceCertificates(Fleet fleet, ServiceAuthority authority) {
        this.fleet = fleet;
        this.authority = authority;
    }

    void answer(MachineRecord machine, String path, Request request, Response response, Callback callback)
            throws IOException {
        int slash = path.indexOf('/');
        String installation = path.substring(0, slash);
        String certificate = path.substring(slash + 1);
        byte[] body = Request.asInputStream(request).readNBytes(ServiceRequest.MAX_BYTES + 1);
        String chain = issue(machine, installation, certificate, body);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, CHAIN);
        response.write(true, ByteBuffer.wrap(chain.getBytes(StandardCharsets.US_ASCII)), callback);
    }

    private String issue(MachineRecord machine, String installation, String certificate, byte[] body) {
        String settings = fleet.gatewaySettings(machine.id(), installation, GatewayUse.CERTIFICATES);
        JsonNode wanted = find(settings, certificate);
        ServiceRequest request = ServiceRequest.read(body);
        List<String> allowed = new ArrayList<>();
        wanted.path("names").forEach(name -> allowed.add(ServiceAuthority.canonical(name.asText())));
        List<String> strange =
                request.names().stream().filter(name -> !allowed.contains(name)).toList();
        if (!strange.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.ACCESS_DENIED,
                    "cannot issue the certificate " + certificate + ": the settings of " + installation + " on "
                            + machine.name() + " do not name " + shown(strange.getFirst()),
                    "write the name into the settings of the installation");
        }
        Duration life = Duration.ofDays(Math.max(1, wanted.path("lifeDays").asInt(USUAL_DAYS)));
        ServiceAuthority.Issued issued = authority.issue(request, life);
        fleet.serviceCertificateIssued(
                machine.id(),
                installation,
                certificate + " " + String.join(",", request.names()) + " serial " + issued.serial() + " until "
                        + issued.notAfter());
        return issued.chain();
    }

    private static JsonNode find(String settings, String certificate) {
        for (JsonNode one :
                StrictJson.tree(settings.getBytes(StandardCharsets.UTF_8)).path("certificates")) {
            if (one.path("name").asText().equals(certificate)
                    && one.path("issuer").asText("control-plane").equals("control-plane")) {
                return one;
            }
        }
        throw new ProblemException(
                ProblemCode.ACCESS_DENIED,
                "cannot issue the certificate " + certificate + ": the settings do not ask the control plane for it",
                "write it into the settings of the installation, under certificates");
    }

    /** A name from a request, harmless for one line. */
    private static String shown(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9.:*_-]", "?");
        return plain.length() > 100 ? plain.substring(0, 100) + "..." : plain;
    }
}
