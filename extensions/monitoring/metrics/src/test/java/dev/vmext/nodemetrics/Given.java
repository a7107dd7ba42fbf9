package dev.vmext.nodemetrics;

import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;

/** Settings as a test writes them. */
final class Given {
    private Given() {}

    static MetricsSettings settings(String json) {
        return MetricsSettings.from(new Settings(0, (Json.Obj) Json.parse(json), Json.object()));
    }
}
