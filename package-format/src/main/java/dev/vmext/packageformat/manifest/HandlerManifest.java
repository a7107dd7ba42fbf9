package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import dev.vmext.packageformat.json.JsonFields;
import dev.vmext.packageformat.json.JsonShape;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * {@code HandlerManifest.json}: the commands of a handler and how it wants to be called. A missing command is no fault of the
 * file; it fails the operation that needs it. Unknown fields are ignored, as the contract asks.
 *
 * @param resourceLimits of all processes of the handler together; those of services are not among them (azure-contract 1.17)
 */
public record HandlerManifest(
        String name,
        String version,
        Map<HandlerCommand, String> commands,
        boolean rebootAfterInstall,
        boolean reportHeartbeat,
        String updateMode,
        boolean continueOnUpdateFailure,
        boolean supportsMultipleExtensions,
        Budget resourceLimits) {
    public static final String FILE_NAME = "HandlerManifest.json";

    private static final String UPDATE_WITH_INSTALL = "UpdateWithInstall";
    private static final JsonShape ELEMENT = JsonShape.open("name", "version", "handlerManifest", "resourceLimits");
    private static final String CPU = "cpuQuotaPercentage";
    private static final String MEMORY = "memoryQuotaInMB";
    private static final JsonShape LIMITS = JsonShape.open(CPU, MEMORY);
    private static final JsonShape MANIFEST = JsonShape.open(
            "installCommand",
            "enableCommand",
            "updateCommand",
            "disableCommand",
            "uninstallCommand",
            "rebootAfterInstall",
            "reportHeartbeat",
            "updateMode",
            "continueOnUpdateFailure",
            "supportsMultipleExtensions");

    public HandlerManifest {
        commands = Map.copyOf(commands);
    }

    public static HandlerManifest parse(byte[] json) {
        JsonFields element = JsonDocument.parse(json, FILE_NAME, PackageProblem.MALFORMED_MANIFEST)
                .firstElement(ELEMENT);
        JsonFields manifest = element.findObject("handlerManifest", MANIFEST)
                .orElseThrow(
                        () -> element.problem("handlerManifest", "it is missing", "it holds the handler's commands"));
        Map<HandlerCommand, String> commands = new EnumMap<>(HandlerCommand.class);
        for (HandlerCommand command : HandlerCommand.values()) {
            manifest.findLenientText(command.manifestField())
                    .filter(text -> !text.isBlank())
                    .ifPresent(text -> commands.put(command, text));
        }
        return new HandlerManifest(
                element.findTextOrNumber("name").orElse(""),
                element.findTextOrNumber("version").orElse(""),
                commands,
                manifest.lenientFlag("rebootAfterInstall"),
                manifest.lenientFlag("reportHeartbeat"),
                manifest.findLenientText("updateMode").orElse(UPDATE_WITH_INSTALL),
                manifest.lenientFlag("continueOnUpdateFailure"),
                manifest.lenientFlag("supportsMultipleExtensions"),
                resourceLimits(element));
    }

    private static Budget resourceLimits(JsonFields element) {
        return element.findLenientObject("resourceLimits", LIMITS)
                .map(limits -> new Budget(
                        limits.lenientCount(CPU),
                        limits.lenientCount(MEMORY),
                        OptionalInt.empty(),
                        OptionalInt.empty()))
                .orElseGet(Budget::unlimited);
    }

    public Optional<String> findCommand(HandlerCommand command) {
        return Optional.ofNullable(commands.get(command));
    }

    /** The command text, to be run as the contract says: leading slashes dropped, joined to the package's folder. */
    public String getCommand(HandlerCommand command) {
        return findCommand(command)
                .orElseThrow(() -> new PackageException(
                        PackageProblem.MALFORMED_MANIFEST,
                        "cannot " + command.text() + ": " + FILE_NAME + " has no " + command.manifestField(),
                        "the publisher must add it"));
    }

    public List<HandlerCommand> missingCommands() {
        return List.of(HandlerCommand.values()).stream()
                .filter(command -> !commands.containsKey(command))
                .toList();
    }

    /** Whether an update runs the new version's install after its update command. */
    public boolean installsOnUpdate() {
        return updateMode.equalsIgnoreCase(UPDATE_WITH_INSTALL);
    }
}
