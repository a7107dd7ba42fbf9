package dev.vmext.agent.contract;

import dev.vmext.agent.json.SpacedJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The environment variables of one call (azure-contract 1.5). Pure. */
final class AzureVariables {
    /** What this agent can do for handlers; some refuse to start without it. */
    private static final String FEATURES = "[{\"Key\": \"ExtensionTelemetryPipeline\", \"Value\": \"1.0\"}]";

    private AzureVariables() {}

    static Map<String, String> of(HandlerFolder folder, Call call) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("AZURE_GUEST_AGENT_EXTENSION_PATH", folder.base().toString());
        variables.put("AZURE_GUEST_AGENT_EXTENSION_VERSION", folder.version());
        // There is no wire server here. The variable is always there, so that handlers that insist on it start.
        variables.put("AZURE_GUEST_AGENT_WIRE_PROTOCOL_ADDRESS", "127.0.0.1");
        variables.put("AZURE_GUEST_AGENT_EXTENSION_SUPPORTED_FEATURES", FEATURES);
        variables.put("ConfigSequenceNumber", String.valueOf(Math.max(0, call.sequence())));
        if (folder.multiConfig()) {
            variables.put("ConfigExtensionName", folder.configName());
        }
        switch (call.command()) {
            case INSTALL, ENABLE -> variables.put("AZURE_GUEST_AGENT_UNINSTALL_CMD_EXIT_CODE", call.oldUninstallExit());
            case UPDATE -> update(variables, folder, call);
            case DISABLE, UNINSTALL -> {
                // only what every command gets
            }
        }
        return variables;
    }

    private static void update(Map<String, String> variables, HandlerFolder folder, Call call) {
        boolean downgrade = !folder.version().equals(call.targetVersion());
        variables.put("VERSION", call.targetVersion());
        // 1.11 no. 4: on a downgrade both variables carry the target version.
        variables.put("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION", downgrade ? call.targetVersion() : call.fromVersion());
        if (folder.multiConfig()) {
            Map<String, Object> exit = new LinkedHashMap<>();
            exit.put("extensionName", folder.configName());
            exit.put("exitCode", call.oldDisableExit());
            variables.put(
                    "AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODES_MULTIPLE_EXTENSIONS", SpacedJson.write(List.of(exit)));
        } else {
            variables.put("AZURE_GUEST_AGENT_DISABLE_CMD_EXIT_CODE", call.oldDisableExit());
        }
    }

    /** Whether a variable is the contract's, and so may be shown: the rest is the agent's own environment. */
    static boolean known(String name) {
        return name.startsWith("AZURE_GUEST_AGENT_")
                || name.startsWith("Config")
                || name.equals("VERSION")
                || name.equals("VMEXT_JAVA");
    }
}
