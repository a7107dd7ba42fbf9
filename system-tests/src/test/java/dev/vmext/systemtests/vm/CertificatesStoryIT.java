package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.ControlPlane;
import dev.vmext.systemtests.product.Eventually;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Certificates with TLS servers of the machine that serve what it got: from the control plane's authority and from an ACME server
 * that comes to the machine to see that a name is its own. What is served is asked from outside, by a client that trusts only the issuer.
 */
@Order(72)
@Tag("long")
class CertificatesStoryIT extends WatchingStory {
    private static final String NAME = "certificates";
    private static final String EXTENSION = "vmext.Certificates";
    private static final String NEWER = newerVersion();
    private static final String LIVE = "/etc/vmext-certificates/live/";
    private static final int CHALLENGE_PORT = 5002;
    private static final int DB = 8443;
    private static final int WEB = 8444;

    private static final String DB_CERTIFICATE =
            "{\"name\": \"db\", \"names\": [\"db.internal.example.org\", \"10.0.2.15\"], \"lifeDays\": 1, \"group\": \"adm\", \"mode\": \"0640\","
                    + " \"reloadUnits\": [\"story-tls@db.service\"]}";
    private static final String QUICK = "\"jitterMinutes\": 0";

    private Outside outside;
    private AcmeServer acme;
    private Path scratch = WORK;
    private String version = "";

    @BeforeAll
    void servers() throws Exception {
        version = built(EXTENSION);
        // It lets nobody come to the ports of this story.
        without("firewall");
        scratch = WORK.resolve("acme");
        Product.run(WORK, "", 30, Map.of(), List.of("rm", "-rf", scratch.toString()));
        outside = new Outside(HOME.resolve("machines").resolve(machineId).resolve("qmp.sock"));
        acme = new AcmeServer(scratch, outside.port(CHALLENGE_PORT));
        inside("""
                cat > /run/systemd/system/story-tls@.service <<'END'
                [Service]
                EnvironmentFile=/run/story-tls-%i
                ExecStart=/usr/bin/openssl s_server -accept $PORT -cert LIVE%i/cert.pem -cert_chain LIVE%i/chain.pem -key LIVE%i/key.pem -quiet -www
                END
                sed -i 's,LIVE,/etc/vmext-certificates/live/,g' /run/systemd/system/story-tls@.service
                echo PORT=8443 > /run/story-tls-db; echo PORT=8444 > /run/story-tls-web
                systemctl daemon-reload""");
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        acme.close();
        outside.close();
        inside(
                "systemctl stop 'story-tls@*'; rm -rf /run/systemd/system/story-tls@.service /run/story-tls-* /root/traces; systemctl daemon-reload");
    }

    private String settings(String more, String... certificates) {
        return "{%s%s, \"certificates\": [%s]}".formatted(QUICK, more, String.join(", ", certificates));
    }

    private JsonNode settled(String settings) throws Exception {
        want(NAME, EXTENSION, version, settings);
        return healthy(NAME);
    }

    private String web(String more) {
        return "{\"name\": \"web\", \"names\": [\"www.example.test\"], \"issuer\": \"acme\", \"reloadUnits\": [\"story-tls@web.service\"]%s}"
                .formatted(more);
    }

    private String byAcme() {
        return ", \"acme\": {\"server\": \"%s\", \"email\": \"ops@example.test\", \"termsAgreed\": true, \"port\": %d, \"caCertificate\": \"%s\"}"
                .formatted(acme.directory, CHALLENGE_PORT, acme.authority.replace("\n", "\\n"));
    }

    /** The serial number that a client outside is shown, which trusts only this root and wants this name. */
    private String served(int port, Path root, String name) throws Exception {
        Product.Said said = Eventually.until(
                "a server answers on " + port,
                GUEST,
                () -> Product.run(
                        scratch,
                        "",
                        60,
                        Map.of(),
                        List.of(
                                "openssl",
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + outside.port(port),
                                "-servername",
                                name,
                                "-CAfile",
                                root.toString(),
                                "-verify_return_error",
                                "-verify_hostname",
                                name)),
                answer -> answer.out().contains("-----BEGIN CERTIFICATE-----"));
        assertThat(said.exit()).as(said.all()).isZero();
        assertThat(said.out()).contains("Verify return code: 0 (ok)");
        Product.Said serial =
                Product.run(scratch, said.out(), 60, Map.of(), List.of("openssl", "x509", "-noout", "-serial"));
        return serial.out().strip();
    }

    private static Path controlPlaneRoot() {
        return HOME.resolve("keys/services.crt");
    }

    private static String serial(String name) throws Exception {
        return inside("openssl x509 -noout -serial -in " + LIVE + name + "/cert.pem")
                .strip();
    }

    private static String metric(String line) throws Exception {
        return inside("curl -sS --unix-socket /run/vmext-certificates/metrics.sock http://localhost/metrics | grep '^"
                        + line + "'")
                .strip();
    }

    @Test
    @Order(1)
    void aServerServesTheCertificateOfTheControlPlane() throws Exception {
        settled(settings("", DB_CERTIFICATE));
        assertThat(inside("stat -c '%a %U %G' " + LIVE + "db/key.pem; systemctl start story-tls@db.service"))
                .isEqualTo("640 root adm\n");
        assertThat(served(DB, controlPlaneRoot(), "db.internal.example.org")).isEqualTo(serial("db"));
        assertThat(Product.run(
                                scratch,
                                "",
                                60,
                                Map.of(),
                                List.of(
                                        "openssl",
                                        "verify",
                                        "-CAfile",
                                        HOME.resolve("keys/ca.crt").toString(),
                                        controlPlaneRoot().toString()))
                        .exit())
                .as("it is not the authority of gateway and machines")
                .isNotZero();
        assertThat(vmext("audit").out()).contains("certificate.issue");
    }

    @Test
    @Order(2)
    void rootOnTheMachineGetsNoOtherNames() throws Exception {
        assertThat(inside("""
                way=$(cat /var/lib/vmext-certificates/gateway-file)
                text() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p" "$way"; }
                cd /root
                openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout thief.key -subj / -addext subjectAltName=DNS:bank.example.org -out thief.csr 2> /dev/null
                curl -sS --cert "$(text clientCertificateFile)" --cacert "$(text caFile)" -H 'Content-Type: application/x-pem-file' --data-binary @thief.csr \\
                    -w '\\n%{http_code}\\n' "$(text url)/v1/certificates/$(text installation)/db"
                rm thief.*"""))
                .contains("bank.example.org")
                .containsPattern("\n4[0-9][0-9]\n")
                .doesNotContain("BEGIN CERTIFICATE");
    }

    @Test
    @Order(3)
    void theTimerRenewsItInTimeAndTheServerIsTold() throws Exception {
        String first = served(DB, controlPlaneRoot(), "db.internal.example.org");
        String key = inside("sha256sum < " + LIVE + "db/key.pem");
        settled(settings(", \"calendar\": \"*-*-* *:*:00\"", DB_CERTIFICATE));
        assertThat(serial("db")).as("nothing is due").isEqualTo(first);
        // A day is too long for a story: once, the program that the timer starts is told another time, when less than
        // a third of the certificate's life is left. Not while it runs, or the end of that run would take it away.
        inside("""
                apt-get -q -y install libfaketime
                while [ "$(systemctl show -P ActiveState vmext-certificates-renew.service)" = activating ]; do sleep 0.5; done
                printf 'LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1\\nFAKETIME=+17h\\nFAKETIME_DONT_FAKE_MONOTONIC=1\\n' > /run/story-later
                mkdir -p /run/systemd/system/vmext-certificates-renew.service.d
                printf '[Service]\\nEnvironmentFile=-/run/story-later\\nExecStartPost=/bin/rm -f /run/story-later\\n' > /run/systemd/system/vmext-certificates-renew.service.d/story.conf
                systemctl daemon-reload""");
        String next = Eventually.until(
                "the next certificate is served",
                GUEST,
                () -> served(DB, controlPlaneRoot(), "db.internal.example.org"),
                seen -> !seen.equals(first));
        inside(
                "rm -rf /run/systemd/system/vmext-certificates-renew.service.d /run/story-later; systemctl daemon-reload; apt-get -q -y purge libfaketime");
        assertThat(next).isEqualTo(serial("db"));
        assertThat(inside("sha256sum < " + LIVE + "db/key.pem"))
                .as("each certificate has a key of its own")
                .isNotEqualTo(key);
        assertThat(inside("journalctl -q --no-pager -o cat -u vmext-certificates-renew"))
                .contains("because it ends at ");
        assertThat(metric("vmext_certificate_issued_total")).endsWith(" 2");
    }

    @Test
    @Order(4)
    void settingsWithAFaultAreToldAndTheOldOnesStayAtWork() throws Exception {
        String before = serial("db");
        want(NAME, EXTENSION, version, settings("", DB_CERTIFICATE.replace("\"adm\"", "\"postgres\"")));
        assertThat(failed(NAME).path("cause").toString()).contains("certificates[0].group", "postgres");
        want(NAME, EXTENSION, version, settings("", DB_CERTIFICATE, web("")));
        assertThat(failed(NAME).path("cause").toString()).contains("acme", "it is missing");
        assertThat(api.put(
                                ControlPlane.path("demo", NAME),
                                Api.JSON
                                        .createObjectNode()
                                        .put("extension", EXTENSION)
                                        .set(
                                                "settings",
                                                Api.JSON.readTree(settings("", DB_CERTIFICATE.replace("0640", "0644"))))
                                        .toString())
                        .status())
                .as("a key that everybody may read")
                .isBetween(400, 499);
        assertThat(serial("db")).isEqualTo(before);
        assertThat(served(DB, controlPlaneRoot(), "db.internal.example.org")).isEqualTo(before);
        assertThat(inside("systemctl is-active vmext-certificates-renew.timer")).isEqualTo("active\n");
    }

    @Test
    @Order(5)
    void anAcmeServerIssuesForANameThatItFoundToBeTheMachines() throws Exception {
        settled(settings(byAcme(), DB_CERTIFICATE, web("")));
        inside("systemctl start story-tls@web.service");
        String first = served(WEB, acme.root(), "www.example.test");
        assertThat(first).isEqualTo(serial("web"));
        assertThat(Footprint.of(NAME, "vmext-certificates").processes())
                .as("nothing of it stays in memory")
                .isZero();
        inside("sh /var/lib/vmext-certificates/bin/renew web");
        assertThat(Eventually.until(
                        "the next one is served",
                        GUEST,
                        () -> served(WEB, acme.root(), "www.example.test"),
                        seen -> !seen.equals(first)))
                .isEqualTo(serial("web"));
    }

    @Test
    @Order(6)
    void anIssuerThatIsAwayIsAFindingAndWhatWasServedStays() throws Exception {
        String before = serial("web");
        Path root = acme.root();
        acme.close();
        // Another kind of key needs another certificate at once.
        want(NAME, EXTENSION, version, settings(byAcme(), DB_CERTIFICATE, web(", \"keyType\": \"ec-p384\"")));
        JsonNode finding = awaitFinding("certificate-failed", "web", "open");
        assertThat(finding.path("evidence").toString()).contains("does not issue web");
        assertThat(served(WEB, root, "www.example.test")).isEqualTo(before);
        acme = new AcmeServer(WORK.resolve("acme/next"), outside.port(CHALLENGE_PORT));
        settled(settings(byAcme(), DB_CERTIFICATE, web(", \"keyType\": \"ec-p384\"")));
        awaitFinding("certificate-failed", "web", "resolved");
        assertThat(served(WEB, acme.root(), "www.example.test"))
                .isEqualTo(serial("web"))
                .isNotEqualTo(before);
    }

    @Test
    @Order(7)
    void versionsUpAndDownGetNoOtherCertificates() throws Exception {
        String before = serial("db") + serial("web");
        publishAs(EXTENSION, NEWER);
        for (String next : List.of(NEWER, version)) {
            want(NAME, EXTENSION, next, settings(byAcme(), DB_CERTIFICATE, web(", \"keyType\": \"ec-p384\"")));
            healthy(NAME, next);
            assertThat(serial("db") + serial("web")).isEqualTo(before);
            assertThat(inside("systemctl is-active vmext-certificates-renew.timer vmext-certificates-metrics.socket"))
                    .isEqualTo("active\nactive\n");
        }
    }

    @Test
    @Order(8)
    void leavesNothingBehind() throws Exception {
        inside("systemctl stop story-tls@db.service story-tls@web.service");
        settled(settings("", DB_CERTIFICATE));
        assertThat(inside("ls " + LIVE))
                .as("one that is not wanted any more goes at once")
                .isEqualTo("db\n");
        uninstall(NAME);
        assertThat(Traces.left()).isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(inside("dpkg-query -W -f '${Package} ' lego curl openssl 2> /dev/null || true"))
                .as("lego came with it, and went with it")
                .isEqualTo("curl openssl ");
        assertThat(inside("grep 'Removal of certificates' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
