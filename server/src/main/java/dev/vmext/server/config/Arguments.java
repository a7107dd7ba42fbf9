package dev.vmext.server.config;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.Suggestion;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The server's command line: where its data is, and what replaces a value of its configuration file. */
public record Arguments(
        Path home, Optional<String> api, Optional<String> gateway, Optional<String> portal, Optional<String> agent) {
    private static final List<String> OPTIONS = List.of("--home", "--api", "--gateway", "--portal", "--agent");

    /** Reads {@code --name value} and {@code --name=value}; the home folder not given is the default one. */
    public static Arguments parse(List<String> arguments, Path defaultHome) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!OPTIONS.contains(name)) {
                throw refused("there is no option " + name, Suggestion.sentence(name, OPTIONS));
            }
            if (equals < 0 && i + 1 == arguments.size()) {
                throw refused(name + " needs a value", "For example --api 127.0.0.1:7440.");
            }
            String value = equals < 0 ? arguments.get(++i) : argument.substring(equals + 1);
            if (values.put(name, value) != null) {
                throw refused(name + " is given twice", "Give it once.");
            }
        }
        return new Arguments(
                Optional.ofNullable(values.get("--home"))
                        .map(Path::of)
                        .orElse(defaultHome)
                        .toAbsolutePath(),
                Optional.ofNullable(values.get("--api")),
                Optional.ofNullable(values.get("--gateway")),
                Optional.ofNullable(values.get("--portal")),
                Optional.ofNullable(values.get("--agent")));
    }

    private static ProblemException refused(String why, String hint) {
        return new ProblemException(ProblemCode.INVALID_VALUE, "cannot start the server: " + why, hint);
    }
}
