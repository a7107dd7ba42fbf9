package dev.vmext.cli;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options every command that talks to a control plane has. */
final class GlobalOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "How to print: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    Output.Format format = Output.Format.table;

    @Option(
            names = "--project",
            paramLabel = "NAME",
            defaultValue = "default",
            description = "The project (default: ${DEFAULT-VALUE}).")
    String project = "default";

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The control plane to talk to, see 'vmext context list'.")
    @Nullable String context;

    private final Surroundings world;

    GlobalOptions(Surroundings world) {
        this.world = world;
    }

    Output output() {
        return new Output(world, format);
    }

    ApiClient client() {
        Contexts.Context chosen = new Contexts(world).current(context);
        Path tokenFile = Path.of(chosen.tokenFile());
        try {
            return new ApiClient(chosen.api(), Files.readString(tokenFile).strip());
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot read the token of the control plane from " + tokenFile + ": " + e.getMessage(),
                    "Run the command as the user who started the control plane, or add a context with a token file of your own.",
                    e);
        }
    }

    String projectPath() {
        return "/v1/projects/" + ApiClient.segment(project);
    }

    String machinePath(String machine) {
        return projectPath() + "/machines/" + ApiClient.segment(machine);
    }

    String installationPath(String machine, String installation) {
        return machinePath(machine) + "/installations/" + ApiClient.segment(installation);
    }
}
