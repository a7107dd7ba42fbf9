package dev.vmext.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates from a real ACME server that checks the names, served by a real TLS server that is told of the next one. */
@SuppressWarnings("try") // closing the server waits for it, which a test run may interrupt
final class AcmeIT {
    @TempDir
    private Path folder;

    private Workshop shop;
    private Pebble pebble;
    private int port;

    @BeforeEach
    void start() throws Exception {
        shop = new Workshop(folder);
        pebble = new Pebble(folder.resolve("pebble"));
        port = Pebble.freePorts(1).getFirst();
    }

    @AfterEach
    void stop() throws Exception {
        pebble.close();
        Path pid = shop.root.resolve("server.pid");
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroy);
        }
    }

    /** The hook starts a TLS server with what is there, in place of the one before. */
    private void configure(String keyType) throws Exception {
        String hook = """
                cd %s
                [ ! -f server.pid ] || kill $(cat server.pid)
                openssl s_server -accept 127.0.0.1:%d -cert $VMEXT_CERTIFICATE_FOLDER/cert.pem -cert_chain $VMEXT_CERTIFICATE_FOLDER/chain.pem -key $VMEXT_CERTIFICATE_FOLDER/key.pem -www > server.log 2>&1 &
                echo $! > server.pid
                """.formatted(shop.root, port).replace("\n", "\\n");
        shop.configure(
                """
                {"certificates": [{"name": "web", "names": ["www.example.test", "example.test"], "issuer": "acme", "keyType": "%s", "mode": "0640"}],
                 "acme": {"server": "%s", "email": "ops@example.test", "termsAgreed": true, "port": %d, "caCertificate": "%s"},
                 "hooks": {"web": "%s"}}""".formatted(keyType, pebble.directory, pebble.httpPort, pebble.authority.replace("\n", "\\n"), hook));
    }

    /** What a client sees that trusts only the server's root and wants this name. */
    private String served() throws Exception {
        Path root = Files.writeString(folder.resolve("root.pem"), pebble.root(shop));
        Workshop.Said said = new Workshop.Said(1, "", "");
        // The server was begun a moment ago.
        for (int i = 0; i < 200 && said.exit() != 0; i++) {
            said = shop.process(
                    List.of(
                            "openssl",
                            "s_client",
                            "-connect",
                            "127.0.0.1:" + port,
                            "-servername",
                            "www.example.test",
                            "-CAfile",
                            root.toString(),
                            "-verify_return_error",
                            "-verify_hostname",
                            "www.example.test"),
                    "",
                    Map.of());
        }
        assertThat(said.exit()).as(said.toString()).isZero();
        Path seen = Files.writeString(folder.resolve("seen.pem"), said.out());
        return shop.openssl("x509", "-in", seen.toString(), "-noout", "-serial").strip();
    }

    @Test
    void aCertificateIsHadServedRenewedAndServedAgain() throws Exception {
        configure("ec-p256");
        Workshop.Said said = shop.run("renew");
        assertThat(said.exit()).as(said.toString()).isZero();
        String first = shop.serial("web");
        assertThat(served()).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(shop.live("web", "key.pem"))))
                .isEqualTo("rw-r-----");
        assertThat(shop.status())
                .contains("\"status\":\"success\"", "1 certificate", "www.example.test example.test from acme");

        // Nothing is due, so nothing is asked for.
        assertThat(shop.run("renew").exit()).isZero();
        assertThat(shop.serial("web")).isEqualTo(first);
        String key = Files.readString(shop.live("web", "key.pem"));

        said = shop.run("renew", "web");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(shop.serial("web")).isNotEqualTo(first);
        assertThat(Files.readString(shop.live("web", "key.pem")))
                .as("each certificate has a key of its own")
                .isNotEqualTo(key);
        assertThat(served()).isEqualTo(shop.serial("web"));
        shop.run("renew", "web");
        try (Stream<Path> kept = Files.list(shop.conf.resolve("store/web"))) {
            assertThat(kept).hasSize(2);
        }
        assertThat(shop.told()).isEmpty();
        assertThat(shop.ask("GET /metrics HTTP/1.1\r\n\r\n", "metrics").out())
                .contains("vmext_certificate_issued_total{certificate=\"web\",issuer=\"acme\"} 3\n")
                .contains("vmext_certificate_present{certificate=\"web\",issuer=\"acme\"} 1\n")
                .contains("vmext_certificate_expiry_timestamp_seconds{certificate=\"web\",issuer=\"acme\"} 1");

        // An issuer that is away takes nothing away, and is a finding until it is back.
        String last = shop.serial("web");
        configure("rsa-2048");
        pebble.close();
        said = shop.run("renew");
        assertThat(said.exit()).isOne();
        assertThat(shop.serial("web")).isEqualTo(last);
        assertThat(served0()).isEqualTo(last);
        assertThat(shop.told())
                .contains(
                        "\"type\":\"certificate-failed\",\"subject\":\"web\",\"state\":\"open\"", "does not issue web");
        assertThat(shop.status()).contains("\"status\":\"warning\"", "failed at ");
        try (Pebble other = new Pebble(folder.resolve("pebble2"))) {
            pebble = other;
            configure("rsa-2048");
            said = shop.run("renew");
            assertThat(said.exit()).as(said.toString()).isZero();
            assertThat(shop.told())
                    .contains("\"type\":\"certificate-failed\",\"subject\":\"web\",\"state\":\"resolved\"");
            assertThat(served()).isEqualTo(shop.serial("web")).isNotEqualTo(last);
        }
    }

    /** The same, where the root of the issuer cannot be asked for any more. */
    private String served0() throws Exception {
        Workshop.Said said =
                shop.process(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port), "", Map.of());
        Path seen = Files.writeString(folder.resolve("seen.pem"), said.out());
        return shop.openssl("x509", "-in", seen.toString(), "-noout", "-serial").strip();
    }

    @Test
    void aNameThatIsNotThisMachinesIsRefusedByTheServer() throws Exception {
        // Something else answers where the server looks.
        shop.configure("""
                {"certificates": [{"name": "web", "names": ["www.example.test"], "issuer": "acme"}],
                 "acme": {"server": "%s", "email": "ops@example.test", "termsAgreed": true, "port": %d, "caCertificate": "%s"}}""".formatted(pebble.directory, port, pebble.authority.replace("\n", "\\n")));
        Workshop.Said said = shop.run("renew");
        assertThat(said.exit()).isOne();
        assertThat(shop.live("web", "cert.pem")).doesNotExist();
        assertThat(shop.status()).contains("\"status\":\"error\",\"code\":6", "cannot get certificates: web: ");
        assertThat(shop.told()).contains("certificate-failed");
        assertThat(shop.run("health").exit()).isOne();
    }
}
