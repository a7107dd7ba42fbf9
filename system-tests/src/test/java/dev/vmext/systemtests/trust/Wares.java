package dev.vmext.systemtests.trust;

import dev.vmext.packageformat.signing.DsseSignature;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.signing.SigningKeyFile;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.InstallationGoal;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.Presence;
import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Packages and goals for a hostile gateway. One thread. */
public final class Wares {
    private final Path folder;
    private final HostileGateway gateway;
    private final Map<String, PackageOffer> offers = new LinkedHashMap<>();
    private final Map<String, InstallationGoal> wanted = new LinkedHashMap<>();
    private long generation;

    public Wares(Path folder, HostileGateway gateway) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.gateway = gateway;
    }

    /** A handler whose enable writes a success status after these lines of shell. */
    public static SamplePackage handler(String name, String version, String lines) {
        return new SamplePackage(name, version)
                .extension("deadlines", "{\"install\": 3000, \"enable\": 3000}")
                .file("bin/handler.sh", """
                        #!/bin/sh
                        cd "$AZURE_GUEST_AGENT_EXTENSION_PATH" || exit 51
                        if [ "$1" = enable ]; then
                        word=success
                        message=fine
                        %s
                        printf '[{"version": 1.0, "timestampUTC": "2026-01-01T00:00:00Z", "status": {"operation": "Enable", "status": "%%s", "code": 0, "formattedMessage": {"lang": "en-US", "message": "%%s"}}}]' "$word" "$message" > status/x
                        mv status/x status/$ConfigSequenceNumber.status
                        fi
                        exit 0
                        """.formatted(lines));
    }

    /** Packs, signs and serves it as an honest publisher and gateway do. */
    public PackageOffer honest(SamplePackage sample, String name, String version, SamplePublisher publisher)
            throws IOException {
        Path zip = sample.write(folder.resolve(name + "-" + version + ".zip"));
        byte[] bytes = Files.readAllBytes(zip);
        PackageOffer offer =
                offer(name, version, bytes, publisher.sign(zip, name, version).toJson());
        gateway.serve(offer.digest().hex(), bytes);
        return offer;
    }

    /** An offer of these bytes with this signature; nothing is served yet. */
    public PackageOffer offer(String name, String version, byte[] bytes, String signature) {
        Digest digest = Digest.of(bytes);
        PackageOffer offer =
                new PackageOffer(name, version, digest, bytes.length, "/v1/packages/sha256/" + digest.hex(), signature);
        offers.put(name, offer);
        return offer;
    }

    /** A signature that no honest signer would make: over bytes that are no good package. */
    public String signAnything(SamplePublisher publisher, String name, String version, byte[] bytes)
            throws IOException, GeneralSecurityException {
        Path good = new SamplePackage(name, version).write(folder.resolve("good-" + offers.size() + ".zip"));
        PackageSignature honest = publisher.sign(good, name, version);
        String payload = new String(Base64.getDecoder().decode(honest.payloadBase64()), StandardCharsets.UTF_8)
                .replace(
                        Digest.of(Files.readAllBytes(good)).text(),
                        Digest.of(bytes).text())
                .replaceFirst("\"size\":\\s*" + Files.size(good), "\"size\":" + bytes.length);
        byte[] body = payload.getBytes(StandardCharsets.UTF_8);
        String type = PackageSignature.PAYLOAD_TYPE;
        byte[] prefix =
                ("DSSEv1 " + type.length() + " " + type + " " + body.length + " ").getBytes(StandardCharsets.UTF_8);
        byte[] encoded = new byte[prefix.length + body.length];
        System.arraycopy(prefix, 0, encoded, 0, prefix.length);
        System.arraycopy(body, 0, encoded, prefix.length, body.length);
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(
                KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(raw(publisher.key()))));
        signer.update(encoded);
        return new PackageSignature(
                        Base64.getEncoder().encodeToString(body),
                        List.of(new DsseSignature(
                                publisher.publicKey().id(), Base64.getEncoder().encodeToString(signer.sign()))))
                .toJson();
    }

    private byte[] raw(SigningKey key) throws IOException {
        Path file = folder.resolve("key-" + offers.size() + "-" + generation + ".pem");
        Files.deleteIfExists(file);
        SigningKeyFile.write(file, key);
        String pem = Files.readString(file);
        Files.delete(file);
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    public void want(String installation, PackageOffer offer, String settings, String... after) {
        want(installation, offer, 0, settings, null, after);
    }

    public void want(
            String installation,
            PackageOffer offer,
            long sequence,
            String settings,
            @Nullable ProtectedSettings secret,
            String... after) {
        offers.put(offer.extension(), offer);
        wanted.put(
                installation,
                new InstallationGoal(
                        installation,
                        offer.extension(),
                        offer.version(),
                        offer.digest(),
                        Presence.PRESENT,
                        sequence,
                        List.of(after),
                        settings,
                        secret));
    }

    public void put(InstallationGoal goal) {
        wanted.put(goal.name(), goal);
    }

    public GoalState goal(long number) {
        return new GoalState(number, new ArrayList<>(wanted.values()), offers);
    }

    /** Tells the machine what is wanted now. */
    public void push() throws IOException {
        gateway.push(goal(++generation));
    }

    public long generation() {
        return generation;
    }
}
