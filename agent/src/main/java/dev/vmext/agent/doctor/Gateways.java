package dev.vmext.agent.doctor;

import dev.vmext.agent.cause.Reason;
import dev.vmext.agent.cause.Thrown;
import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.status.CauseClass;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The way to each gateway, one layer after the other: name, connection, TLS with the authority of the enrolment, an answer, its clock, and
 * what it says to the token of a machine that is not enrolled. The first layer that fails is told, those above it are not tried.
 */
final class Gateways {
    private static final int PATIENCE_MILLIS = 8000;
    private static final int MAX_ANSWER = 64 * 1024;
    private static final Duration SKEW = Duration.ofSeconds(60);
    private static final Duration BROKEN_SKEW = Duration.ofMinutes(10);

    private final AgentConfig config;
    private final InstantSource clock;
    private final Places places;

    Gateways(AgentConfig config, InstantSource clock, Places places) {
        this.config = config;
        this.clock = clock;
        this.places = places;
    }

    List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        for (String gateway : config.gateways()) {
            int colon = gateway.lastIndexOf(':');
            one(gateway, gateway.substring(0, colon), Integer.parseInt(gateway.substring(colon + 1)), findings);
        }
        return findings;
    }

    private void one(String gateway, String host, int port, List<Finding> findings) {
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
            findings.add(Finding.ok("gateway-dns", host + " is " + address.getHostAddress()));
        } catch (UnknownHostException unknown) {
            findings.add(told("gateway-dns", host + ": ", unknown));
            return;
        }
        try (Socket plain = new Socket()) {
            plain.connect(new InetSocketAddress(address, port), PATIENCE_MILLIS);
            findings.add(Finding.ok("gateway-connect", gateway + " accepts connections"));
            plain.setSoTimeout(PATIENCE_MILLIS);
            secured(gateway, host, port, plain, findings);
        } catch (IOException failed) {
            findings.add(told("gateway-connect", gateway + ": ", failed));
        }
    }

    private static Finding told(String check, String before, Exception failed) {
        Reason reason = Thrown.explain(failed)
                .orElse(new Reason(CauseClass.NETWORK, Doctor.text(failed), Map.of(), "look at the machine's network"));
        return Finding.fail(check, reason.kind(), before + reason.text(), reason.hint());
    }

    private void secured(String gateway, String host, int port, Socket plain, List<Finding> findings) {
        Seen seen = new Seen();
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {seen}, null);
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
                socket.startHandshake();
                Optional<Finding> refused = judged(gateway, seen);
                if (refused.isPresent()) {
                    findings.add(refused.get());
                    return;
                }
                findings.add(Finding.ok("gateway-tls", gateway + " shows the authority " + config.caDigest()));
                answered(gateway, socket, findings);
            }
        } catch (IOException | GeneralSecurityException failed) {
            findings.add(told("gateway-tls", gateway + ": ", failed));
        }
    }

    private Optional<Finding> judged(String gateway, Seen seen) throws GeneralSecurityException {
        List<X509Certificate> chain = seen.chain;
        if (chain.isEmpty()) {
            return Optional.of(Finding.fail(
                    "gateway-tls", CauseClass.TRUST, gateway + " shows no certificate", "it is no gateway of vmext"));
        }
        List<String> digests = new ArrayList<>();
        for (X509Certificate certificate : chain) {
            digests.add(Digest.of(certificate.getEncoded()).text());
        }
        if (!digests.contains(config.caDigest().text())) {
            return Optional.of(Finding.fail(
                    "gateway-tls",
                    CauseClass.TRUST,
                    gateway + " shows " + String.join(" and ", digests) + ", and this machine was enrolled with "
                            + config.caDigest(),
                    "it is another control plane, or somebody is in between; if the control plane was made anew, enrol this "
                            + "machine again"));
        }
        Instant now = clock.instant();
        for (X509Certificate certificate : chain) {
            if (now.isBefore(certificate.getNotBefore().toInstant())
                    || now.isAfter(certificate.getNotAfter().toInstant())) {
                return Optional.of(
                        Finding.fail(
                                "gateway-tls",
                                CauseClass.CLOCK,
                                "the certificate of " + gateway + " is valid from "
                                        + certificate.getNotBefore().toInstant() + " until "
                                        + certificate.getNotAfter().toInstant() + ", and this machine's clock says "
                                        + now,
                                "compare the clock with the real time: timedatectl; if it is right, the gateway's certificate is not"));
            }
        }
        return Optional.empty();
    }

    private void answered(String gateway, SSLSocket socket, List<Finding> findings) throws IOException {
        Optional<String> token = token();
        String request = "GET /v1/opamp HTTP/1.1\r\nHost: " + gateway + "\r\nConnection: close\r\n"
                + token.map(secret -> "Authorization: Bearer " + secret + "\r\n")
                        .orElse("") + "\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        String answer = new String(read(socket.getInputStream()), StandardCharsets.UTF_8);
        if (!answer.startsWith("HTTP/1.1 ") || answer.length() < 12) {
            findings.add(Finding.fail(
                    "gateway-answer",
                    CauseClass.NETWORK,
                    gateway + " does not speak HTTP",
                    "another service listens on that port: look at the address in agent.json"));
            return;
        }
        String status = answer.substring(9, 12);
        findings.add(
                status.startsWith("5")
                        ? Finding.fail(
                                "gateway-answer",
                                CauseClass.NETWORK,
                                gateway + " answers " + status,
                                "the control plane is in trouble: look at its log")
                        : Finding.ok("gateway-answer", gateway + " answers"));
        findings.add(clock(gateway, answer));
        if (token.isPresent() && status.equals("401")) {
            findings.add(Finding.fail(
                    "gateway-token",
                    CauseClass.PERMISSION,
                    gateway + " refuses the token of this machine: " + problem(answer),
                    "make a new one with \"vmext machine enroll-command\" and enrol again"));
        }
    }

    private static byte[] read(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int n = in.read(buffer); n >= 0 && all.size() < MAX_ANSWER; n = in.read(buffer)) {
                all.write(buffer, 0, n);
            }
        } catch (IOException cut) {
            if (all.size() == 0) {
                throw cut;
            }
        }
        return all.toByteArray();
    }

    /** Only for a machine that has no identity: the token does not count with one. */
    private Optional<String> token() {
        if (Files.exists(places.identity().resolve("current.pem")) || !Files.isReadable(places.enrolmentFile())) {
            return Optional.empty();
        }
        try {
            return Optional.of(AgentConfig.readToken(places.enrolmentFile()));
        } catch (IOException | RuntimeException unusable) {
            return Optional.empty();
        }
    }

    private static String problem(String answer) {
        int body = answer.indexOf("\r\n\r\n");
        try {
            if (body > 0
                    && JsonTree.parse(answer.substring(body + 4).getBytes(StandardCharsets.UTF_8))
                            instanceof Map<?, ?> problem
                    && problem.get("detail") instanceof String detail) {
                return detail + (problem.get("code") instanceof String code ? " (" + code + ")" : "");
            }
        } catch (IOException noProblemDocument) {
            return "401";
        }
        return "401";
    }

    private Finding clock(String gateway, String answer) {
        Optional<String> date = answer.lines()
                .takeWhile(line -> !line.isEmpty())
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("date:"))
                .map(line -> line.substring("date:".length()).strip())
                .findFirst();
        if (date.isEmpty()) {
            return Finding.unseen("clock", gateway + " does not say what time it is", "");
        }
        try {
            Instant theirs = ZonedDateTime.parse(date.get(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
            Duration skew = Duration.between(theirs, clock.instant());
            String words = "this machine's clock is " + skew.abs().toSeconds() + " s "
                    + (skew.isNegative() ? "behind" : "ahead of") + " that of " + gateway;
            if (skew.abs().compareTo(SKEW) < 0) {
                // What it says has whole seconds, so a difference of one means nothing.
                return Finding.ok(
                        "clock",
                        skew.abs().toSeconds() <= 1 ? "this machine's clock agrees with that of " + gateway : words);
            }
            return skew.abs().compareTo(BROKEN_SKEW) < 0
                    ? Finding.warn("clock", CauseClass.CLOCK, words, "synchronise it: timedatectl set-ntp true")
                    : Finding.fail("clock", CauseClass.CLOCK, words, "synchronise it: timedatectl set-ntp true");
        } catch (DateTimeException noDate) {
            return Finding.unseen("clock", gateway + " says it is \"" + date.get() + "\"", "");
        }
    }

    /** Keeps what it is shown; it is judged afterwards, and nothing is sent before. */
    private static final class Seen implements X509TrustManager {
        private List<X509Certificate> chain = List.of();

        @Override
        public void checkServerTrusted(X509Certificate @Nullable [] shown, String type) {
            chain = shown == null ? List.of() : List.of(shown);
        }

        @Override
        public void checkClientTrusted(X509Certificate @Nullable [] shown, String type) throws CertificateException {
            throw new CertificateException("nobody connects to a doctor");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
