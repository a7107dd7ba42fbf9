package dev.vmext.protocol.goal;

import dev.vmext.protocol.CapabilityLevel;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.opamp.AgentConfigFile;
import dev.vmext.protocol.opamp.AgentConfigMap;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.Bytes;
import dev.vmext.protocol.opamp.DownloadableFile;
import dev.vmext.protocol.opamp.EffectiveConfig;
import dev.vmext.protocol.opamp.PackageAvailable;
import dev.vmext.protocol.opamp.PackageType;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Goal states to OpAMP messages and back; pure functions, any thread. The remote-config map holds {@code manifest} (order,
 * generation, digests) and per installation {@code installation/<name>/public} and {@code .../protected}. The packages offered are
 * those the manifest's installations run. Layout: docs/reference/agent-protocol.md.
 */
public final class GoalStateCodec {
    /** The whole remote-config map; larger settings belong into a package. */
    public static final int MAX_CONFIG_BYTES = 1 << 20;

    public static final int MAX_INSTALLATIONS = 256;

    static final int FORMAT = 1;
    static final String MANIFEST = "manifest";
    private static final String MANIFEST_TYPE = "application/vnd.vmext.goal+json";
    private static final String PUBLIC_TYPE = "application/json";
    private static final String PROTECTED_TYPE = "application/vnd.vmext.protected+json";

    private GoalStateCodec() {}

    /** For a peer of the present capability level; see {@link #encode(GoalState, int)}. */
    public static GoalOffer encode(GoalState goal) {
        return encode(goal, CapabilityLevel.CURRENT);
    }

    /**
     * Equal goal states give equal offers, byte for byte and hash for hash.
     *
     * @param level of the agent: one of level 1 is sent no terms
     */
    public static GoalOffer encode(GoalState goal, int level) {
        Map<String, AgentConfigFile> entries = new TreeMap<>();
        JsonWriter manifest = new JsonWriter();
        manifest.number("v", FORMAT).number("goal", goal.generation());
        manifest.array("installations");
        for (InstallationGoal installation : goal.installations()) {
            writeLine(manifest, entries, installation, level);
        }
        manifest.end();
        manifest.object("packages");
        Map<String, PackageAvailable> packages = new TreeMap<>();
        for (PackageOffer offer : new TreeMap<>(goal.packages()).values()) {
            manifest.object(offer.extension()).number("size", offer.size()).end();
            packages.put(offer.extension(), available(offer));
        }
        manifest.end();
        entries.put(MANIFEST, new AgentConfigFile(Bytes.of(manifest.toBytes()), MANIFEST_TYPE));
        AgentConfigMap config = new AgentConfigMap(entries);
        refuseOversize(goal, config);
        return new GoalOffer(
                new AgentRemoteConfig(config, configHash(config)),
                new PackagesAvailable(packages, packagesHash(packages)));
    }

    /**
     * The goal state in an offer. Entries and fields of a later version are ignored; anything else that does not fit is a {@link
     * ProblemException}, whose detail is fit for {@code RemoteConfigStatus.error_message}. A package that is not offered (yet) is
     * missing from {@link GoalState#packages}.
     */
    public static GoalState decode(AgentRemoteConfig remoteConfig, @Nullable PackagesAvailable packagesAvailable) {
        return new GoalStateReader(remoteConfig, packagesAvailable).read();
    }

    /** What the agent reports as in force: the manifest with its digests, never settings. */
    public static EffectiveConfig effectiveConfig(AgentRemoteConfig applied) {
        AgentConfigMap config = applied.config();
        AgentConfigFile manifest = config == null ? null : config.configMap().get(MANIFEST);
        return new EffectiveConfig(new AgentConfigMap(manifest == null ? Map.of() : Map.of(MANIFEST, manifest)));
    }

    /** SHA-256 over (key, content type, SHA-256 of body) of all entries in key order, texts with their length in front. */
    public static Bytes configHash(AgentConfigMap config) {
        CanonicalHash hash = new CanonicalHash();
        for (Map.Entry<String, AgentConfigFile> entry : config.configMap().entrySet()) {
            hash.text(entry.getKey()).text(entry.getValue().contentType());
            hash.digest(entry.getValue().body().toArray());
        }
        return hash.result();
    }

    /** SHA-256 over (name, hash of the offer) of all packages in name order. */
    public static Bytes packagesHash(Map<String, PackageAvailable> packages) {
        CanonicalHash hash = new CanonicalHash();
        for (Map.Entry<String, PackageAvailable> entry : new TreeMap<>(packages).entrySet()) {
            hash.text(entry.getKey()).bytes(entry.getValue().hash().toArray());
        }
        return hash.result();
    }

    static String publicKey(String installation) {
        return "installation/" + installation + "/public";
    }

    static String protectedKey(String installation) {
        return "installation/" + installation + "/protected";
    }

    private static void writeLine(
            JsonWriter manifest, Map<String, AgentConfigFile> entries, InstallationGoal installation, int level) {
        byte[] publicSettings = installation.publicSettings().getBytes(StandardCharsets.UTF_8);
        entries.put(publicKey(installation.name()), new AgentConfigFile(Bytes.of(publicSettings), PUBLIC_TYPE));
        manifest.object()
                .text("name", installation.name())
                .text("package", installation.extension())
                .text("version", installation.version())
                .text("packageHash", installation.packageDigest().text())
                .text("state", installation.presence().wire())
                .number("seq", installation.sequence())
                .strings("after", installation.after())
                .text("public", Digest.of(publicSettings).text());
        if (level >= 2) {
            writeTerms(manifest, installation.terms());
        }
        ProtectedSettings secret = installation.protectedSettings();
        if (secret != null) {
            byte[] body = new JsonWriter()
                    .text("thumbprint", secret.thumbprint())
                    .text("cms", secret.cms())
                    .toBytes();
            entries.put(protectedKey(installation.name()), new AgentConfigFile(Bytes.of(body), PROTECTED_TYPE));
            manifest.text("protected", Digest.of(body).text());
        }
        manifest.end();
    }

    private static void writeTerms(JsonWriter manifest, Terms terms) {
        Order order = terms.order();
        if (order != null) {
            manifest.object("order")
                    .number("number", order.number())
                    .text("kind", order.kind().wire())
                    .end();
        }
        if (!terms.deadlines().isEmpty()) {
            manifest.object("deadlines");
            new TreeMap<>(terms.deadlines())
                    .forEach((command, deadline) -> manifest.number(command, deadline.toSeconds()));
            manifest.end();
        }
        if (!terms.conflicts().isEmpty()) {
            manifest.strings("conflicts", terms.conflicts());
        }
    }

    private static PackageAvailable available(PackageOffer offer) {
        Bytes content = Bytes.of(offer.digest().hash());
        Bytes signature = Bytes.ofUtf8(offer.signature());
        Bytes hash = new CanonicalHash()
                .text(offer.version())
                .text(offer.path())
                .bytes(content.toArray())
                .bytes(signature.toArray())
                .result();
        DownloadableFile file = new DownloadableFile(offer.path(), content, signature, null);
        return new PackageAvailable(PackageType.ADDON, offer.version(), file, hash);
    }

    private static void refuseOversize(GoalState goal, AgentConfigMap config) {
        if (goal.installations().size() > MAX_INSTALLATIONS) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot send goal state " + goal.generation() + ": it has "
                            + goal.installations().size() + " installations, the limit is " + MAX_INSTALLATIONS,
                    "Remove installations from the machine.");
        }
        int size = sizeOf(config);
        if (size > MAX_CONFIG_BYTES) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot send goal state " + goal.generation() + ": its settings have " + size
                            + " bytes together, the limit is " + MAX_CONFIG_BYTES,
                    "Make the settings smaller; put large files into a package.");
        }
    }

    static int sizeOf(AgentConfigMap config) {
        int size = 0;
        for (Map.Entry<String, AgentConfigFile> entry : config.configMap().entrySet()) {
            size += entry.getKey().length() + entry.getValue().body().size();
        }
        return size;
    }
}
