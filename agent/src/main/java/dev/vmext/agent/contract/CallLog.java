package dev.vmext.agent.contract;

import dev.vmext.agent.json.SpacedJson;
import dev.vmext.agent.process.CommandLine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code CommandExecution.log} (azure-contract 1.4 no. 7): each command with its variables, then its output and how it ended. Of 10
 * MiB and the 10 MiB before them nothing is lost. Only its owner may read it, because handlers print what they like. Stateless.
 */
final class CallLog {
    static final long LIMIT = 10L << 20;

    private CallLog() {}

    static void begins(HandlerFolder folder, CommandLine command, Instant now) throws IOException {
        Map<String, String> shown = new TreeMap<>();
        command.environment().forEach((name, value) -> {
            if (AzureVariables.known(name)) {
                shown.put(name, value);
            }
        });
        write(
                folder,
                now + " Executing command: " + command.text() + " with environment variables: "
                        + SpacedJson.write(shown) + "\n");
    }

    static void ended(HandlerFolder folder, CallEnd end, Instant now) throws IOException {
        String output = end.output();
        write(
                folder,
                now + " Command: " + end.text() + "\n[stdout]\n" + output
                        + (output.isEmpty() || output.endsWith("\n") ? "" : "\n") + "\n[stderr]\n" + now + " "
                        + end.outcome() + "\n");
    }

    private static void write(HandlerFolder folder, String text) throws IOException {
        // A handler may have deleted the folder: an uninstall that cleans up thoroughly does.
        ContractFiles.makeFolder(folder.logs(), ContractFiles.OPEN_FOLDER);
        String name = folder.shared() || folder.multiConfig()
                ? "CommandExecution_" + folder.configName() + ".log"
                : "CommandExecution.log";
        Path log = folder.logs().resolve(name);
        ContractFiles.rotate(log, LIMIT);
        ContractFiles.append(log, text, ContractFiles.OWNER_FILE);
    }
}
