package dev.vmext.applicationhealth;

import dev.vmext.extensionkit.HandlerMain;

/** Entry point of bin/handler. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        HandlerMain.main(new ApplicationHealth(), arguments);
    }
}
