package dev.vmext.agent.config;

import dev.vmext.agent.json.JsonNumberText;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.json.SpacedJson;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code agent.json}: which control plane this machine belongs to.
 *
 * @param gateways {@code host:port}, tried in turn
 * @param caDigest SHA-256 of the certificate of the control plane's authority
 * @param deadlineStretch all deadlines are multiplied by this: above 1 for slow machines, below 1 for rehearsals of failure;
 *     those of the link are never shortened
 * @param parallel how many installations are worked on at the same time
 * @param mayRestart whether the agent may restart the machine when extensions need it; {@code "reboot": "never"} forbids it
 */
public record AgentConfig(
        List<String> gateways, Digest caDigest, double deadlineStretch, int parallel, boolean mayRestart) {
    public static final int USUAL_PARALLEL = 4;

    private static final int VERSION = 1;
    private static final Set<String> FIELDS =
            Set.of("version", "gateways", "caDigest", "deadlineStretch", "parallel", "reboot");
    private static final double MIN_STRETCH = 0.01;
    private static final double MAX_STRETCH = 100;
    private static final int MAX_PARALLEL = 64;

    /** A machine that may be restarted, with the usual number of installations at a time. */
    public AgentConfig(List<String> gateways, Digest caDigest, double deadlineStretch) {
        this(gateways, caDigest, deadlineStretch, USUAL_PARALLEL, true);
    }

    public AgentConfig {
        gateways = List.copyOf(gateways);
        if (gateways.isEmpty()) {
            throw invalid("gateways", "it names no gateway", "write \"gateways\": [\"host:4320\"]");
        }
        for (String gateway : gateways) {
            checkGateway(gateway);
        }
        if (!(deadlineStretch >= MIN_STRETCH && deadlineStretch <= MAX_STRETCH)) {
            throw invalid("deadlineStretch", "it is not between 0.01 and 100", "leave it out for 1");
        }
        if (parallel < 1 || parallel > MAX_PARALLEL) {
            throw invalid("parallel", "it is not between 1 and " + MAX_PARALLEL, "leave it out for " + USUAL_PARALLEL);
        }
    }

    private static void checkGateway(String gateway) {
        int colon = gateway.lastIndexOf(':');
        boolean good = colon > 0 && colon < gateway.length() - 1;
        for (int i = 0; good && i < gateway.length(); i++) {
            char c = gateway.charAt(i);
            boolean host = c == '.' || c == '-' || c == '[' || c == ']' || c == ':' || Character.isLetterOrDigit(c);
            good = c < 0x80 && (i > colon ? c >= '0' && c <= '9' : host);
        }
        if (!good) {
            throw invalid("gateways", "\"" + gateway + "\" is not host:port", "write it like 192.0.2.1:4320");
        }
    }

    /** The hosts of the gateways, without ports. */
    public List<String> hosts() {
        return gateways.stream()
                .map(gateway -> gateway.substring(0, gateway.lastIndexOf(':')))
                .distinct()
                .toList();
    }

    public static AgentConfig read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    ProblemCode.NO_CONTEXT,
                    "cannot start the agent: " + file + " does not exist",
                    "enrol this machine with the command that \"vmext machine enroll-command\" prints",
                    e);
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE, "cannot read " + file + ": " + e.getMessage(), "run it as root", e);
        }
        return parse(bytes);
    }

    static AgentConfig parse(byte[] bytes) {
        Map<?, ?> object = object(bytes, "agent.json");
        for (Object field : object.keySet()) {
            if (!FIELDS.contains(String.valueOf(field))) {
                throw invalid(
                        String.valueOf(field), "no such field is known", "the fields are " + String.join(", ", FIELDS));
            }
        }
        checkVersion(object, "agent.json");
        List<String> gateways = new ArrayList<>();
        if (object.get("gateways") instanceof List<?> items) {
            items.forEach(item -> gateways.add(String.valueOf(item)));
        }
        if (!(object.get("caDigest") instanceof String digest)) {
            throw invalid("caDigest", "it is missing", "it is in the enrolment command");
        }
        try {
            return new AgentConfig(
                    gateways,
                    new Digest(digest),
                    stretch(object.get("deadlineStretch")),
                    parallel(object.get("parallel")),
                    mayRestart(object.get("reboot")));
        } catch (IllegalArgumentException e) {
            throw invalid("caDigest", String.valueOf(e.getMessage()), "it is in the enrolment command");
        }
    }

    private static double stretch(@Nullable Object value) {
        if (value == null) {
            return 1;
        }
        if (value instanceof JsonNumberText number) {
            return Double.parseDouble(number.text());
        }
        throw invalid("deadlineStretch", "it is no number", "leave it out for 1");
    }

    private static int parallel(@Nullable Object value) {
        if (value == null) {
            return USUAL_PARALLEL;
        }
        if (value instanceof JsonNumberText number && number.text().matches("[0-9]{1,4}")) {
            return Integer.parseInt(number.text());
        }
        throw invalid("parallel", "it is no whole number", "leave it out for " + USUAL_PARALLEL);
    }

    private static boolean mayRestart(@Nullable Object value) {
        if (value == null || value.equals("allowed")) {
            return true;
        }
        if (value.equals("never")) {
            return false;
        }
        throw invalid("reboot", "it is neither \"allowed\" nor \"never\"", "leave it out for allowed");
    }

    /** The token of {@code enrolment.json}. */
    public static String readToken(Path file) throws IOException {
        Map<?, ?> object = object(Files.readAllBytes(file), "enrolment.json");
        checkVersion(object, "enrolment.json");
        if (object.get("token") instanceof String token && !token.isBlank()) {
            return token;
        }
        throw invalid("token", "it is missing in enrolment.json", "enrol this machine again");
    }

    public static byte[] tokenFile(String token) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", VERSION);
        object.put("token", token);
        return (SpacedJson.write(object) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Map<?, ?> object(byte[] bytes, String file) {
        try {
            if (JsonTree.parse(bytes) instanceof Map<?, ?> object) {
                return object;
            }
            throw invalid(file, "it is no JSON object", "enrol this machine again");
        } catch (IOException e) {
            throw invalid(file, "it is no JSON: " + e.getMessage(), "enrol this machine again");
        }
    }

    private static void checkVersion(Map<?, ?> object, String file) {
        if (!(object.get("version") instanceof JsonNumberText(String text))) {
            throw invalid("version", "it is missing in " + file, "write \"version\": 1");
        }
        if (!text.equals(String.valueOf(VERSION))) {
            throw new ProblemException(
                    ProblemCode.DATA_TOO_NEW,
                    "cannot use " + file + ": it has version " + text + ", this agent knows " + VERSION,
                    "update the agent");
        }
    }

    public byte[] toJson() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("version", VERSION);
        object.put("gateways", gateways);
        object.put("caDigest", caDigest.text());
        object.put("deadlineStretch", deadlineStretch);
        if (parallel != USUAL_PARALLEL) {
            object.put("parallel", parallel);
        }
        if (!mayRestart) {
            object.put("reboot", "never");
        }
        return (SpacedJson.write(object) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static ProblemException invalid(String field, String why, String hint) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE, "cannot use the agent's configuration: " + field + ": " + why, hint);
    }
}
