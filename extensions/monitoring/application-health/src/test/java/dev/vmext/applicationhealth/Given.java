package dev.vmext.applicationhealth;

import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import dev.vmext.extensionkit.monitoring.WatchedProbe;
import java.util.List;

/** Settings as a test writes them. */
final class Given {
    private Given() {}

    static List<WatchedProbe> probes(String settings) {
        return probes(settings, "{}");
    }

    static List<WatchedProbe> probes(String settings, String secret) {
        return HealthSettings.probes(new Settings(0, (Json.Obj) Json.parse(settings), (Json.Obj) Json.parse(secret)));
    }
}
