package dev.vmext.extensionkit;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;

/** The heartbeat file of a handler whose manifest says {@code reportHeartbeat}; agents want it renewed every 10 minutes. */
public final class Heartbeat {
    private final Path file;

    Heartbeat(Path file) {
        this.file = file;
    }

    public void beat(boolean ready, int code, String message) {
        Json content = Json.array(Json.object()
                .with("version", new Json.Num(new BigDecimal("1.0")))
                .with(
                        "heartbeat",
                        Json.object()
                                .with("status", ready ? "ready" : "notready")
                                .with("code", code)
                                .with("Message", message)));
        try {
            SmallFiles.replace(file, content.text(), "rw-------");
        } catch (IOException e) {
            throw new HandlerException(
                    ExitCode.FILES, "cannot write the heartbeat file " + file + ": " + SmallFiles.why(e), "", e);
        }
    }
}
