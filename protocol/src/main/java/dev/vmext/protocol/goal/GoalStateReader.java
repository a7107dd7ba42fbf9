package dev.vmext.protocol.goal;

import dev.vmext.protocol.Digest;
import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.opamp.AgentConfigFile;
import dev.vmext.protocol.opamp.AgentConfigMap;
import dev.vmext.protocol.opamp.AgentRemoteConfig;
import dev.vmext.protocol.opamp.DownloadableFile;
import dev.vmext.protocol.opamp.PackageAvailable;
import dev.vmext.protocol.opamp.PackageType;
import dev.vmext.protocol.opamp.PackagesAvailable;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one goal state out of an offer; used by one thread for one offer. Names are checked here because they become parts of paths
 * on the machine.
 */
final class GoalStateReader {
    private static final int MAX_NAME = 64;
    private static final int MAX_WORD = 128;
    private static final long MAX_DEADLINE_SECONDS = 7 * 24 * 3600;
    private static final String HINT = "Nothing was changed on the machine; correct or update the control plane.";

    private final Map<String, AgentConfigFile> entries;
    private final Map<String, PackageAvailable> offered;

    GoalStateReader(AgentRemoteConfig remoteConfig, @Nullable PackagesAvailable packages) {
        AgentConfigMap config = remoteConfig.config();
        if (config != null && GoalStateCodec.sizeOf(config) > GoalStateCodec.MAX_CONFIG_BYTES) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot read the goal state: it has more than " + GoalStateCodec.MAX_CONFIG_BYTES + " bytes",
                    HINT);
        }
        this.entries = config == null ? Map.of() : config.configMap();
        this.offered = packages == null ? Map.of() : packages.packages();
    }

    GoalState read() {
        JsonReader in = open(GoalStateCodec.MANIFEST, "the goal manifest");
        long format = -1;
        long generation = -1;
        List<InstallationGoal> installations = new ArrayList<>();
        Map<String, PackageOffer> packages = new HashMap<>();
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "v" -> {
                    format = in.integer();
                    if (format != GoalStateCodec.FORMAT) {
                        throw in.refused("its format " + format + " is not known to this version");
                    }
                }
                case "goal" -> generation = notNegative(in);
                case "installations" -> readInstallations(in, installations);
                case "packages" -> readPackages(in, packages);
                default -> in.skip();
            }
        }
        in.end();
        if (format < 0) {
            throw in.missing("v");
        }
        if (generation < 0) {
            throw in.missing("goal");
        }
        return new GoalState(generation, installations, packages);
    }

    private void readInstallations(JsonReader in, List<InstallationGoal> into) {
        Set<String> names = new HashSet<>();
        in.array();
        while (in.nextItem()) {
            if (into.size() == GoalStateCodec.MAX_INSTALLATIONS) {
                throw in.refused("there are more than " + GoalStateCodec.MAX_INSTALLATIONS + " installations");
            }
            InstallationGoal installation = readInstallation(in);
            if (!names.add(installation.name())) {
                throw in.refused("the installation " + installation.name() + " is there twice");
            }
            into.add(installation);
        }
    }

    private InstallationGoal readInstallation(JsonReader in) {
        String name = null;
        String extension = null;
        String version = null;
        Digest packageDigest = null;
        Presence presence = null;
        long sequence = -1;
        List<String> after = new ArrayList<>();
        Digest publicDigest = null;
        Digest protectedDigest = null;
        Order order = null;
        Map<String, Duration> deadlines = new HashMap<>();
        List<String> conflicts = new ArrayList<>();
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "name" -> name = installationName(in);
                case "package" -> extension = word(in);
                case "version" -> version = word(in);
                case "packageHash" -> packageDigest = in.digest();
                case "state" -> presence = presence(in);
                case "seq" -> sequence = notNegative(in);
                case "after" -> {
                    in.array();
                    while (in.nextItem()) {
                        after.add(installationName(in));
                    }
                }
                case "public" -> publicDigest = in.digest();
                case "protected" -> protectedDigest = in.isNull() ? null : in.digest();
                case "order" -> order = order(in);
                case "deadlines" -> {
                    in.object();
                    while (in.nextField()) {
                        deadlines.put(in.name(), Duration.ofSeconds(positive(in)));
                    }
                }
                case "conflicts" -> {
                    in.array();
                    while (in.nextItem()) {
                        conflicts.add(installationName(in));
                    }
                }
                default -> in.skip();
            }
        }
        if (sequence < 0) {
            throw in.missing("seq");
        }
        String checkedName = required(in, "name", name);
        return new InstallationGoal(
                checkedName,
                required(in, "package", extension),
                required(in, "version", version),
                required(in, "packageHash", packageDigest),
                required(in, "state", presence),
                sequence,
                after,
                publicSettings(checkedName, required(in, "public", publicDigest)),
                protectedDigest == null ? null : protectedSettings(checkedName, protectedDigest),
                new Terms(order, deadlines, conflicts));
    }

    /** An order of a kind that this version does not know is none: nothing is done that is not understood. */
    private static @Nullable Order order(JsonReader in) {
        long number = -1;
        Order.Kind kind = null;
        in.object();
        while (in.nextField()) {
            switch (in.name()) {
                case "number" -> number = notNegative(in);
                case "kind" -> kind = Order.Kind.find(in.string(MAX_WORD)).orElse(null);
                default -> in.skip();
            }
        }
        if (number < 0) {
            throw in.missing("number");
        }
        return kind == null ? null : new Order(number, kind);
    }

    private String publicSettings(String name, Digest expected) {
        String key = GoalStateCodec.publicKey(name);
        JsonReader in = open(key, "the public settings of " + name, expected);
        String text = entry(key).body().utf8();
        if (text.strip().equals("null")) {
            return text; // no settings at all, which a handler can tell from an empty object
        }
        in.document();
        in.skip();
        in.end();
        return text;
    }

    private ProtectedSettings protectedSettings(String name, Digest expected) {
        JsonReader in = open(GoalStateCodec.protectedKey(name), "the protected settings of " + name, expected);
        String thumbprint = null;
        String cms = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "thumbprint" -> thumbprint = thumbprint(in);
                case "cms" -> cms = in.string();
                default -> in.skip();
            }
        }
        in.end();
        return new ProtectedSettings(required(in, "thumbprint", thumbprint), required(in, "cms", cms));
    }

    private void readPackages(JsonReader in, Map<String, PackageOffer> into) {
        in.object();
        while (in.nextField()) {
            String extension = in.name();
            long size = -1;
            in.object();
            while (in.nextField()) {
                switch (in.name()) {
                    case "size" -> size = notNegative(in);
                    default -> in.skip();
                }
            }
            if (size < 0) {
                throw in.missing("size");
            }
            PackageAvailable offer = offered.get(extension);
            if (offer != null && offer.type() == PackageType.ADDON) {
                into.put(extension, packageOffer(extension, size, offer));
            }
        }
    }

    private static PackageOffer packageOffer(String extension, long size, PackageAvailable offer) {
        DownloadableFile file = offer.file();
        if (file == null || file.contentHash().size() != 32) {
            throw refused("the offer of package " + extension, "it has no file with a SHA-256");
        }
        // Two slashes at the start would name another host instead of a path on the gateway.
        if (!file.downloadUrl().startsWith("/") || file.downloadUrl().startsWith("//")) {
            throw refused("the offer of package " + extension, "its address is not a path on the gateway");
        }
        return new PackageOffer(
                extension,
                offer.version(),
                Digest.ofHash(file.contentHash().toArray()),
                size,
                file.downloadUrl(),
                file.signature().utf8());
    }

    private JsonReader open(String key, String what) {
        return new JsonReader(what, entry(key).body().toArray(), GoalStateCodec.MAX_CONFIG_BYTES);
    }

    private JsonReader open(String key, String what, Digest expected) {
        byte[] body = entry(key).body().toArray();
        if (!Digest.of(body).equals(expected)) {
            throw refused(what, "they are not those that the manifest names");
        }
        return new JsonReader(what, body, GoalStateCodec.MAX_CONFIG_BYTES);
    }

    private AgentConfigFile entry(String key) {
        AgentConfigFile entry = entries.get(key);
        if (entry == null) {
            throw refused("the goal state", "its entry " + key + " is missing");
        }
        return entry;
    }

    private static String installationName(JsonReader in) {
        String name = in.string(MAX_NAME);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && c != '_' && c != '-') {
                throw in.refused("a name has only letters, digits, _ and -");
            }
        }
        if (name.isEmpty()) {
            throw in.refused("it is empty");
        }
        return name;
    }

    /** The name or version of a package: also dots, but no empty part, so that it is never {@code .} or {@code ..}. */
    private static String word(JsonReader in) {
        String word = in.string(MAX_WORD);
        char before = '.';
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (!isLetterOrDigit(c) && c != '_' && c != '-' && (c != '.' || before == '.')) {
                throw in.refused("it has only letters, digits, _, - and single dots between them");
            }
            before = c;
        }
        if (before == '.') {
            throw in.refused("it is empty or ends with a dot");
        }
        return word;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private static String thumbprint(JsonReader in) {
        String thumbprint = in.string(40);
        for (int i = 0; i < thumbprint.length(); i++) {
            char c = thumbprint.charAt(i);
            if ((c < '0' || c > '9') && (c < 'A' || c > 'F')) {
                throw in.refused("a thumbprint has only upper-case hex digits");
            }
        }
        if (thumbprint.length() != 40) {
            throw in.refused("a thumbprint has 40 digits");
        }
        return thumbprint;
    }

    private static Presence presence(JsonReader in) {
        return switch (in.string(MAX_WORD)) {
            case "present" -> Presence.PRESENT;
            case "absent" -> Presence.ABSENT;
            default -> throw in.refused("it must be present or absent");
        };
    }

    private static long notNegative(JsonReader in) {
        long number = in.integer();
        if (number < 0) {
            throw in.refused("it is below zero");
        }
        return number;
    }

    private static long positive(JsonReader in) {
        long number = in.integer();
        if (number <= 0 || number > MAX_DEADLINE_SECONDS) {
            throw in.refused("it must be between 1 and " + MAX_DEADLINE_SECONDS + " seconds");
        }
        return number;
    }

    private static <T> T required(JsonReader in, String field, @Nullable T value) {
        if (value == null) {
            throw in.missing(field);
        }
        return value;
    }

    private static ProblemException refused(String what, String why) {
        return new ProblemException(ProblemCode.MALFORMED_REQUEST, "cannot read " + what + ": " + why, HINT);
    }
}
