package dev.vmext.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.fleet.Publication;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.server.ca.ClientCertificate;
import dev.vmext.server.ca.MachineKeys;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates for services: only for names that the settings of an installation in the goal say, and never good for a machine. */
class ServiceCertificatesIT {
    private static final String HANDLER = """
            [{"name": "x", "version": 1.0, "handlerManifest": {"installCommand": "i", "enableCommand": "e",
              "disableCommand": "d", "updateCommand": "u", "uninstallCommand": "n"}}]""";

    @TempDir
    Path home;

    private GatewayFixture plane;
    private ScriptedAgent agent;

    @BeforeEach
    void start() throws Exception {
        plane = new GatewayFixture(home);
        publish("Certs", ", \"gateway\": [\"certificates\"]");
        publish("Plain", "");
        agent = plane.enrolled("web1");
        install("web1", "Certs", "certs");
    }

    @AfterEach
    void stop() {
        plane.close();
    }

    private void publish(String name, String more) throws Exception {
        byte[] zip = name.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.of(zip);
        plane.blobs.put(digest, new ByteArrayInputStream(zip));
        plane.fleet.publish(
                GatewayFixture.ADMIN,
                new Publication(
                        "acme." + name,
                        "1.0",
                        HANDLER,
                        Optional.of("""
            {"schemaVersion": 1, "name": "acme.%s", "version": "1.0", "displayName": "x", "category": "management",
             "kind": "continuous", "instances": "many", "scripts": false%s,
             "settingsSchema": {"type": "object", "properties": {"certificates":{}}}}""".formatted(name, more)),
                        digest,
                        zip.length,
                        "{\"signed\":1}",
                        "key"));
    }

    private void install(String machine, String extension, String name) {
        Map<String, Object> web =
                Map.of("name", "web", "names", List.of("www.example.test", "10.0.0.5", "2001:db8::1"), "lifeDays", 7);
        Map<String, Object> public_ = Map.of("name", "public", "names", List.of("a.test"), "issuer", "acme");
        plane.fleet.putInstallation(
                GatewayFixture.ADMIN,
                GatewayFixture.PROJECT,
                machine,
                name,
                new InstallationWrite(
                        "acme." + extension, null, Map.of("certificates", List.of(web, public_)), null, null, null));
    }

    private HttpResponse<byte[]> ask(String path, byte[] request) throws Exception {
        return agent.post("/v1/certificates/" + path, request);
    }

    private static List<X509Certificate> chain(HttpResponse<byte[]> answer) throws Exception {
        assertThat(answer.statusCode())
                .as(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(200);
        List<X509Certificate> chain = new ArrayList<>();
        for (var one :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(answer.body()))) {
            chain.add((X509Certificate) one);
        }
        return chain;
    }

    private static String problem(HttpResponse<byte[]> answer, int status) {
        String text = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(text).isEqualTo(status);
        return text;
    }

    @Test
    void aMachineGetsTheNamesOfItsSettingsForServersOnly() throws Exception {
        KeyPair keys = MachineKeys.ec("secp256r1");
        List<X509Certificate> chain = chain(
                ask("certs/web", MachineKeys.request(keys, List.of("www.example.test", "10.0.0.5", "2001:db8::1"))));
        assertThat(chain).hasSize(2);
        X509Certificate leaf = chain.getFirst();
        PublicKey root = chain.getLast().getPublicKey();
        leaf.verify(root);
        chain.getLast().verify(root);
        assertThat(leaf.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(leaf.getSubjectAlternativeNames().stream()
                        .map(name -> name.get(1).toString()))
                .containsExactlyInAnyOrder("www.example.test", "10.0.0.5", "2001:db8:0:0:0:0:0:1");
        assertThat(Duration.between(plane.clock.instant(), leaf.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(7));
        assertThat(ClientCertificate.read(leaf)).isEmpty();
        assertThat(plane.fleet.audit(5)).anySatisfy(entry -> {
            assertThat(entry.action()).isEqualTo("certificate.issue");
            assertThat(entry.detail())
                    .contains("web www.example.test,10.0.0.5")
                    .contains(leaf.getSerialNumber().toString(16));
        });
    }

    @Test
    void theRootIsNotTheOneThatTheGatewayTrusts() throws Exception {
        X509Certificate leaf = chain(
                        ask("certs/web", MachineKeys.request(MachineKeys.rsa(), List.of("www.example.test"))))
                .getFirst();
        assertThatThrownBy(() -> leaf.verify(plane.authority.certificate().getPublicKey()))
                .isNotNull();
        assertThat(leaf.getIssuerX500Principal())
                .isNotEqualTo(plane.authority.certificate().getSubjectX500Principal());
        String again = plane.authority.services().certificatePem();
        assertThat(Files.readString(home.resolve("ca/services.crt"))).isEqualTo(again);
    }

    @Test
    void namesThatNobodyWroteAreRefused() throws Exception {
        byte[] request = MachineKeys.request(MachineKeys.ec("secp384r1"), List.of("www.example.test", "bank.test"));
        assertThat(problem(ask("certs/web", request), 403)).contains("access-denied", "do not name bank.test");
        assertThat(problem(ask("certs/other", request), 403)).contains("do not ask the control plane for it");
        assertThat(problem(ask("certs/public", request), 403)).contains("do not ask the control plane for it");
    }

    @Test
    void onlyAnInstallationInTheGoalWhosePackageDeclaresItMayAsk() throws Exception {
        byte[] request = MachineKeys.request(MachineKeys.ec("secp256r1"), List.of("www.example.test"));
        install("web1", "Plain", "plain");
        assertThat(problem(ask("plain/web", request), 403)).contains("declares gateway: certificates");
        assertThat(problem(ask("nothing/web", request), 403)).contains("declares gateway: certificates");
        // Another machine's installation is not this one's.
        ScriptedAgent other = plane.enrolled("web2");
        assertThat(problem(other.post("/v1/certificates/certs/web", request), 403))
                .contains("web2");
        plane.fleet.deleteInstallation(GatewayFixture.ADMIN, GatewayFixture.PROJECT, "web1", "certs");
        assertThat(problem(ask("certs/web", request), 403)).contains("declares gateway: certificates");
    }

    @Test
    void whatIsNoRequestIsRefused() throws Exception {
        KeyPair keys = MachineKeys.ec("secp256r1");
        assertThat(problem(ask("certs/web", "hello".getBytes(StandardCharsets.UTF_8)), 400))
                .contains("not a PEM block");
        assertThat(problem(ask("certs/web", new byte[100_000]), 400)).contains("more than 32768 bytes");
        assertThat(problem(ask("certs/web", MachineKeys.request(keys, "CN=x")), 400))
                .contains("names in subjectAltName");
        assertThat(problem(
                        ask("certs/web", MachineKeys.request(MachineKeys.ec("secp521r1"), List.of("www.example.test"))),
                        400))
                .contains("its key is not P-256");
        assertThat(problem(
                        plane.stranger()
                                .post(
                                        "/v1/certificates/certs/web",
                                        MachineKeys.request(keys, List.of("www.example.test"))),
                        401))
                .isNotEmpty();
    }
}
