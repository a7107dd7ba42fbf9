package dev.vmext.extensionkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A note that the new version's {@code update} leaves for the old version's {@code uninstall}, which comes after it: this is an
 * update, so what the extension brought to the machine is the new version's now. The new version deletes it at the end of
 * {@code enable}. One thread; every call may be repeated.
 */
public final class UpdateNote {
    private final Path file;

    /**
     * A note of one extension.
     *
     * @param stateFolder a folder that all versions of the extension share, outside those of its packages
     */
    public UpdateNote(Path stateFolder) {
        this.file = stateFolder.resolve("updating");
    }

    /**
     * For {@code update}: names the version that goes. On the way to an older version the contract has the newer one, which goes, run
     * {@code update}, and both variables name the version that comes.
     */
    public void leave(HandlerContext context) throws IOException {
        String from =
                context.variable("AZURE_GUEST_AGENT_UPDATING_FROM_VERSION").orElse("");
        boolean back =
                !from.isEmpty() && from.equals(context.variable("VERSION").orElse(""));
        String goes =
                back ? context.variable("AZURE_GUEST_AGENT_EXTENSION_VERSION").orElse(from) : from;
        SmallFiles.replace(file, goes, "rw-r--r--");
    }

    /** For {@code uninstall}: whether this version goes because another comes. A note for another version is a leftover of an update that failed. */
    public boolean isFor(HandlerContext context) throws IOException {
        if (!Files.exists(file)) {
            return false;
        }
        String goes = SmallFiles.readText(file, 1024);
        String own = context.variable("AZURE_GUEST_AGENT_EXTENSION_VERSION").orElse(goes);
        return goes.isBlank() || goes.equals(own);
    }

    public void delete() throws IOException {
        Files.deleteIfExists(file);
    }
}
