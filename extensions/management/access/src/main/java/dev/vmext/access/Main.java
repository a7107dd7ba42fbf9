package dev.vmext.access;

import dev.vmext.extensionkit.HandlerMain;
import dev.vmext.extensionkit.machine.RealPrograms;
import java.nio.file.Path;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        HandlerMain.main(new Access(new RealPrograms(), new Places(Path.of("/"))), arguments);
    }
}
