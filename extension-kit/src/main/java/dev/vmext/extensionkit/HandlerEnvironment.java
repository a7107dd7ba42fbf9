package dev.vmext.extensionkit;

import java.nio.file.Path;
import java.util.Optional;

/** What HandlerEnvironment.json tells a handler: its name and the folders it shares with the agent. */
public record HandlerEnvironment(
        String name,
        Path baseFolder,
        Path configFolder,
        Path statusFolder,
        Path logFolder,
        Path heartbeatFile,
        Optional<Path> eventsFolder) {

    private static final String HINT = "The agent writes HandlerEnvironment.json before it runs a command; outside an "
            + "agent, set AZURE_GUEST_AGENT_EXTENSION_PATH to a folder that has one.";

    static HandlerEnvironment read(Path baseFolder) {
        Path file = baseFolder.resolve("HandlerEnvironment.json");
        try {
            Json json = Json.parse(SmallFiles.readText(file, 64 * 1024));
            if (!(json instanceof Json.Arr(var items)) || items.size() != 1) {
                throw problem(file, "it is not a list with exactly one element", null);
            }
            Fields root = Fields.of("HandlerEnvironment.json", items.getFirst());
            Fields folders = root.getObject("handlerEnvironment");
            return new HandlerEnvironment(
                    root.findString("name").orElse("handler"),
                    baseFolder,
                    folder(folders, "configFolder"),
                    folder(folders, "statusFolder"),
                    folder(folders, "logFolder"),
                    folder(folders, "heartbeatFile"),
                    folders.findString("eventsFolder").map(Path::of));
        } catch (java.io.IOException | JsonException e) {
            throw problem(file, SmallFiles.why(e), e);
        } catch (HandlerException e) {
            throw new HandlerException(ExitCode.ENVIRONMENT, String.valueOf(e.getMessage()), HINT, e);
        }
    }

    private static Path folder(Fields folders, String key) {
        return Path.of(folders.getString(key));
    }

    private static HandlerException problem(Path file, String why, @org.jspecify.annotations.Nullable Throwable cause) {
        String message = "cannot read " + file + ": " + why;
        return cause == null
                ? new HandlerException(ExitCode.ENVIRONMENT, message, HINT)
                : new HandlerException(ExitCode.ENVIRONMENT, message, HINT, cause);
    }

    /**
     * The name of the installation this handler works for: the folder above the base folder. Where that folder is shared
     * by all extensions of a machine, as under other agents, it is merely a constant word.
     */
    public String installation() {
        Path parent = baseFolder.toAbsolutePath().normalize().getParent();
        return parent == null || parent.getFileName() == null
                ? "installation"
                : parent.getFileName().toString();
    }

    /** The folder with the certificates and keys that protected settings are encrypted for. */
    Path certificateFolder() {
        return configFolder.resolve("..").resolve("..").normalize();
    }
}
