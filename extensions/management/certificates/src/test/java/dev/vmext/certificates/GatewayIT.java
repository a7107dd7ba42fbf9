package dev.vmext.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way to the control plane with the machine's certificate: real curl, real openssl, over mutual TLS to a server that signs with openssl
 * and answers as the gateway does. The gateway itself has tests of its own.
 */
final class GatewayIT {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private Workshop shop;
    private HttpsServer server;
    private final List<String> asked = new ArrayList<>();
    private Duration begun = Duration.ZERO;
    private Duration left = Duration.ofDays(30);
    private String refusal = "";
    private String otherNames = "";

    @BeforeEach
    void start() throws Exception {
        shop = new Workshop(folder);
        Path ca = Files.createDirectories(folder.resolve("ca"));
        shop.openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                ca.resolve("ca.key").toString(),
                "-out",
                ca.resolve("ca.pem").toString(),
                "-days",
                "400",
                "-subj",
                "/CN=test CA");
        shop.openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                ca.resolve("server.key").toString(),
                "-out",
                ca.resolve("server.pem").toString(),
                "-days",
                "2",
                "-subj",
                "/CN=gateway",
                "-addext",
                "subjectAltName=IP:127.0.0.1");
        shop.openssl(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                ca.resolve("client.key").toString(),
                "-out",
                ca.resolve("client.crt").toString(),
                "-days",
                "2",
                "-subj",
                "/CN=machine");
        shop.openssl(
                "pkcs12",
                "-export",
                "-in",
                ca.resolve("server.pem").toString(),
                "-inkey",
                ca.resolve("server.key").toString(),
                "-passout",
                "pass:secret",
                "-out",
                ca.resolve("server.p12").toString());
        Files.writeString(
                ca.resolve("client.pem"),
                Files.readString(ca.resolve("client.crt")) + Files.readString(ca.resolve("client.key")));
        Files.writeString(ca.resolve("index.txt"), "");
        Files.writeString(ca.resolve("ca.cnf"), """
                [ca]
                default_ca=one
                [one]
                dir=%s
                database=$dir/index.txt
                new_certs_dir=$dir
                rand_serial=yes
                default_md=sha256
                policy=any
                copy_extensions=copy
                unique_subject=no
                [any]
                commonName=optional
                """.formatted(ca));
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        SSLContext tls = context(ca);
        server.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        server.createContext("/v1/certificates/", this::answer);
        server.start();
        Files.writeString(
                shop.root.resolve("gateway.json"),
                "{\"v\":1,\"url\":\"https://127.0.0.1:%d\",\"machine\":\"m\",\"installation\":\"certs\",\"caFile\":\"%s\",\"clientCertificateFile\":\"%s\"}"
                        .formatted(server.getAddress().getPort(), ca.resolve("server.pem"), ca.resolve("client.pem")));
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static SSLContext context(Path ca) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(ca.resolve("server.p12"))) {
            keys.load(in, "secret".toCharArray());
        }
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        try (InputStream in = Files.newInputStream(ca.resolve("client.crt"))) {
            trust.setCertificateEntry(
                    "machine",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, "secret".toCharArray());
        TrustManagerFactory others = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        others.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), others.getTrustManagers(), null);
        return context;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type"));
            byte[] body = exchange.getRequestBody().readAllBytes();
            byte[] answer = (refusal.isEmpty()
                            ? sign(body)
                            : "{\"type\":\"x\",\"status\":403,\"detail\":\"" + refusal + "\"}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(refusal.isEmpty() ? 200 : 403, answer.length);
            exchange.getResponseBody().write(answer);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private String sign(byte[] request) throws Exception {
        Path ca = folder.resolve("ca");
        Path in = Files.write(ca.resolve("request.pem"), request);
        Instant now = Instant.now();
        List<String> words = new ArrayList<>(List.of(
                "ca",
                "-batch",
                "-notext",
                "-config",
                ca.resolve("ca.cnf").toString(),
                "-keyfile",
                ca.resolve("ca.key").toString(),
                "-cert",
                ca.resolve("ca.pem").toString(),
                "-in",
                in.toString(),
                "-out",
                ca.resolve("out.pem").toString(),
                "-startdate",
                TIME.format(now.minus(begun)),
                "-enddate",
                TIME.format(now.plus(left))));
        words.addAll(List.of("-subj", "/CN=x"));
        if (!otherNames.isEmpty()) {
            Path extensions = Files.writeString(ca.resolve("ext.cnf"), "subjectAltName=" + otherNames + "\n");
            words.addAll(List.of("-extfile", extensions.toString()));
        }
        shop.openssl(words.toArray(String[]::new));
        return Files.readString(ca.resolve("out.pem")) + Files.readString(ca.resolve("ca.pem"));
    }

    private void web(String more) throws Exception {
        shop.configure(
                "{\"certificates\": [{\"name\": \"web\", \"names\": [\"www.example.test\", \"10.0.0.5\", \"2001:db8::1\"]"
                        + more + "}]}");
    }

    @Test
    void asksWithTheMachinesCertificateAndRenewsWhenAThirdIsLeft() throws Exception {
        web("");
        // As if it had been issued long ago.
        begun = Duration.ofDays(20);
        left = Duration.ofDays(5);
        Workshop.Said said = shop.run("renew");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(asked).containsExactly("POST /v1/certificates/certs/web application/x-pem-file");
        String first = shop.serial("web");
        assertThat(Files.readString(shop.live("web", "chain.pem")))
                .isEqualTo(Files.readString(folder.resolve("ca/ca.pem")));
        shop.openssl(
                "verify",
                "-CAfile",
                shop.live("web", "chain.pem").toString(),
                shop.live("web", "cert.pem").toString());
        assertThat(shop.run("health").out()).isEmpty();
        begun = Duration.ofMinutes(1);
        left = Duration.ofDays(30);
        said = shop.run("renew");
        assertThat(said.exit()).as(said.toString()).isZero();
        assertThat(said.out()).contains("because it ends at");
        assertThat(shop.serial("web")).isNotEqualTo(first);
        String second = shop.serial("web");
        shop.run("renew");
        assertThat(shop.serial("web")).isEqualTo(second);
        assertThat(asked).hasSize(2);
        // Another kind of key, other names: a new one at once.
        web(", \"keyType\": \"rsa-2048\"");
        shop.run("renew");
        assertThat(shop.openssl("pkey", "-in", shop.live("web", "key.pem").toString(), "-noout", "-text"))
                .contains("2048 bit");
        assertThat(asked).hasSize(3);
    }

    @Test
    void whatTheControlPlaneRefusesIsSaidInItsWords() throws Exception {
        web("");
        refusal = "cannot issue the certificate web: the settings do not name x";
        Workshop.Said said = shop.run("renew");
        assertThat(said.exit()).isOne();
        assertThat(shop.status())
                .contains(
                        "\"status\":\"error\"",
                        "the control plane refuses: cannot issue the certificate web: the settings do not name x");
        assertThat(shop.told())
                .contains(
                        "\"type\":\"certificate-failed\",\"subject\":\"web\",\"state\":\"open\"",
                        "the settings do not name x");
        refusal = "";
        assertThat(shop.run("renew").exit()).isZero();
        assertThat(shop.told()).contains("\"state\":\"resolved\"");
    }

    @Test
    void aCertificateForOtherNamesIsNotUsed() throws Exception {
        web("");
        otherNames = "DNS:other.example.test";
        assertThat(shop.run("renew").exit()).isOne();
        assertThat(shop.live("web", "cert.pem")).doesNotExist();
        assertThat(shop.told()).contains("the issuer sent a certificate for other names");
    }

    @Test
    void oneThatExpiresAlthoughItShouldHaveBeenRenewedIsAFindingThatGetsWorse() throws Exception {
        web("");
        begun = Duration.ofDays(29);
        left = Duration.ofDays(1);
        shop.run("renew");
        refusal = "no";
        shop.run("renew");
        assertThat(shop.told())
                .contains(
                        "\"type\":\"certificate-expiring\",\"subject\":\"web\",\"state\":\"open\",\"severity\":\"high\"");
        refusal = "";
        begun = Duration.ZERO;
        left = Duration.ofDays(30);
        shop.run("renew");
        assertThat(shop.told())
                .contains("\"type\":\"certificate-expiring\",\"subject\":\"web\",\"state\":\"resolved\"");
        // One that has ended: put there as if time had passed.
        begun = Duration.ofDays(30);
        left = Duration.ofDays(-1);
        Files.createDirectories(shop.conf.resolve("live"));
        Path request = folder.resolve("old.csr");
        shop.openssl(
                "req",
                "-new",
                "-key",
                shop.live("web", "key.pem").toString(),
                "-subj",
                "/",
                "-addext",
                "subjectAltName=DNS:www.example.test",
                "-out",
                request.toString());
        Files.writeString(shop.live("web", "cert.pem"), sign(Files.readAllBytes(request)));
        refusal = "no";
        shop.run("renew");
        assertThat(shop.told())
                .contains(
                        "\"type\":\"certificate-expiring\",\"subject\":\"web\",\"state\":\"open\",\"severity\":\"critical\"",
                        "has expired");
        assertThat(shop.run("health").out()).isEqualTo("the certificate web has expired\n");
    }

    @Test
    void aHookThatFailsIsTriedAgainWithTheSameCertificate() throws Exception {
        String settings =
                "{\"certificates\": [{\"name\": \"web\", \"names\": [\"www.example.test\"]}], \"hooks\": {\"web\": \"echo the server is away; exit %d\"}}";
        shop.configure(settings.formatted(1));
        assertThat(shop.run("renew").exit()).isOne();
        assertThat(shop.told())
                .contains(
                        "\"type\":\"certificate-reload-failed\",\"subject\":\"web\",\"state\":\"open\"",
                        "the server is away");
        String serial = shop.serial("web");
        shop.configure(settings.formatted(0));
        assertThat(shop.run("renew").exit()).isZero();
        assertThat(shop.serial("web")).isEqualTo(serial);
        assertThat(shop.told())
                .contains("\"type\":\"certificate-reload-failed\",\"subject\":\"web\",\"state\":\"resolved\"");
    }
}
