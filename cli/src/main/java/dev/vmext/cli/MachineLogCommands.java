package dev.vmext.cli;

import dev.vmext.protocol.api.BundleFile;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a machine tells of itself to somebody who looks for a fault. */
final class MachineLogCommands {
    private MachineLogCommands() {}

    /** What a machine wrote. */
    @Command(
            name = "logs",
            description = "The end of a machine's serial console or of its agent's log.",
            mixinStandardHelpOptions = true)
    static final class Logs extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Option(
                names = "--source",
                paramLabel = "SOURCE",
                defaultValue = "agent",
                description =
                        "agent (the machine must be online) or console (machines made here) (default: ${DEFAULT-VALUE}).")
        String source = "agent";

        @Option(
                names = "--tail",
                paramLabel = "BYTES",
                defaultValue = "16384",
                description = "How much of the end (default: ${DEFAULT-VALUE}).")
        int tail = 16384;

        @Option(
                names = {"-f", "--follow"},
                description = "Go on as the agent's log grows, until Ctrl-C.")
        boolean follow;

        Logs(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            String path = global.machinePath(machine) + "/logs?source=" + ApiClient.segment(source) + "&tail=" + tail;
            LogReader reader = new LogReader(world, client, global);
            if (follow) {
                reader.follow(path + "&follow=true");
            } else {
                reader.show(path);
            }
        }
    }

    /** What somebody else needs to look at it. */
    @Command(
            name = "bundle",
            description = {
                "Fetch a machine's diagnostic bundle, from both ends: what its agent packs (findings, logs, states) and what the control"
                        + " plane knows of it (records, commands, its own log, the machine's part of the audit log).",
                "It holds no settings and no keys, and what looks like a secret is taken out. From a machine that is offline there is"
                        + " only the control plane's end."
            },
            mixinStandardHelpOptions = true)
    static final class Bundle extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Option(
                names = "--output-file",
                paramLabel = "FILE",
                description = "Where to write it (default: vmext-bundle-MACHINE.zip here).")
        @Nullable Path file;

        Bundle(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            BundleFile bundle = client.examine(global.machinePath(machine) + "/bundle", BundleFile.class);
            Path chosen = file;
            Path target = chosen == null ? Path.of("vmext-bundle-" + machine + ".zip") : chosen;
            try {
                PrivateOutput.write(target, Base64.getDecoder().decode(bundle.zip()));
            } catch (IOException e) {
                throw new ProblemException(
                        ProblemCode.FILE_UNREADABLE,
                        "cannot write " + target + ": " + e.getMessage(),
                        "Choose another file with --output-file.",
                        e);
            }
            String silent = bundle.agentProblem();
            global.output().print(Map.of("file", target.toString(), "agent", silent == null), () -> {
                world.out().println("Wrote " + target + ". Look through it before you give it away.");
                if (silent != null) {
                    world.out().println("  Only the control plane's end is in it: " + Table.clean(silent));
                }
            });
        }
    }
}
