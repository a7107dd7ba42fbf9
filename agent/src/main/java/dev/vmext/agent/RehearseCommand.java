package dev.vmext.agent;

import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.json.SpacedJson;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.rehearse.Order;
import dev.vmext.agent.rehearse.Rehearsal;
import dev.vmext.agent.rehearse.Result;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code vmext-agent rehearse}: plays an extension's scenarios without a control plane and prints one line of JSON for each. Settings
 * come from files, so that no secret stands in a command line.
 */
final class RehearseCommand {
    private final Map<Path, String> watched = new LinkedHashMap<>();
    private final List<String> only = new ArrayList<>();
    private @Nullable Path zip;
    private @Nullable Path root;
    private String settings = "{}";
    private @Nullable String newSettings;
    private String secret = "";

    RehearseCommand(List<String> arguments) throws IOException {
        for (int i = 0; i < arguments.size(); i += 2) {
            String option = arguments.get(i);
            if (i + 1 == arguments.size()) {
                throw usage(option + " needs a value");
            }
            String value = arguments.get(i + 1);
            switch (option) {
                case "--package" -> zip = Path.of(value);
                case "--root" -> root = Path.of(value);
                case "--settings" -> settings = object(Path.of(value));
                case "--new-settings" -> newSettings = object(Path.of(value));
                case "--protected-settings" -> secret = object(Path.of(value));
                case "--scenario" -> only.add(scenario(value));
                case "--watch" -> watch(value);
                default -> throw usage("\"" + option + "\" is not understood");
            }
        }
    }

    private static String scenario(String name) {
        if (!Rehearsal.names().contains(name)) {
            throw usage("there is no scenario " + name + "; there are " + String.join(", ", Rehearsal.names()));
        }
        return name;
    }

    private static String object(Path file) throws IOException {
        byte[] text = Files.readAllBytes(file);
        if (!(JsonTree.parse(text) instanceof Map)) {
            throw usage(file + " holds no JSON object");
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    /** {@code DIR} or {@code DIR=what it is called}. */
    private void watch(String value) {
        int equals = value.indexOf('=');
        watched.put(
                Path.of(equals < 0 ? value : value.substring(0, equals)),
                equals < 0 ? value : value.substring(equals + 1));
    }

    private static ProblemException usage(String why) {
        return new ProblemException(
                ProblemCode.MALFORMED_REQUEST,
                "cannot understand the command line: " + why,
                "vmext extension test does this for you");
    }

    /** Whether nothing failed. */
    boolean carryOut(PrivateMachine.Parts parts, PrintStream out) throws IOException, InterruptedException {
        if (zip == null || root == null) {
            throw usage("rehearse needs --package and --root");
        }
        Files.createDirectories(root);
        Secrets secrets = new Secrets();
        learn(secret.isEmpty() ? null : JsonTree.parse(secret.getBytes(StandardCharsets.UTF_8)), secrets);
        new AgentLog(
                        root.resolve("agent.log"),
                        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                        secrets::redact)
                .takeOver();
        Order order =
                new Order(zip, root, settings, newSettings == null ? settings : newSettings, secret, only, watched);
        return new Rehearsal(order, parts, result -> print(result, secrets, out)).play();
    }

    private static void learn(@Nullable Object value, Secrets secrets) {
        switch (value) {
            case Map<?, ?> object -> object.values().forEach(one -> learn(one, secrets));
            case List<?> array -> array.forEach(one -> learn(one, secrets));
            case String text -> secrets.learnValue(text);
            case null, default -> {
                // numbers and flags cannot be recognised
            }
        }
    }

    private static void print(Result result, Secrets secrets, PrintStream out) {
        Map<String, Object> line = result.toMap();
        line.replaceAll((name, value) -> value instanceof String text ? secrets.redact(text) : value);
        out.println(SpacedJson.write(line));
        out.flush();
    }
}
