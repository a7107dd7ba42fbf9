package dev.vmext.updates;

import dev.vmext.updates.UpdateSettings.Window;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings as the files that the programs read, below the configuration folder. Pure. */
final class Configuration {
    private Configuration() {}

    static Map<String, String> files(UpdateSettings settings, PackageManager manager, List<String> units) {
        Map<String, String> files = new TreeMap<>();
        UpdateSettings.Selection selection = settings.selection();
        files.put("values", """
                manager %s
                install.security %s
                install.other %s
                grace.security %d
                grace.other %d
                reboot %s
                hookTimeout %d
                batch %d
                margin %d
                """.formatted(
                        manager.word(),
                        yes(selection.security()),
                        yes(selection.other()),
                        settings.grace().securityDays(),
                        settings.grace().otherDays(),
                        settings.restarts() ? "if-needed" : "never",
                        settings.hooks().timeoutSeconds(),
                        settings.pace().batch(),
                        settings.pace().marginMinutes() * 60));
        files.put("include", lines(selection.include()));
        files.put("exclude", lines(selection.exclude()));
        files.put("security-origins", lines(selection.securityOrigins()));
        files.put("restart-packages", lines(settings.restartPackages()));
        files.put("units", lines(units));
        for (Window window : settings.windows()) {
            files.put("windows/" + window.name(), """
                    days %s
                    start %s
                    minutes %d
                    zone %s
                    """.formatted(
                            String.join(" ", window.days()),
                            window.start(),
                            window.minutes(),
                            settings.timing().zone()));
        }
        settings.hooks().before().ifPresent(script -> files.put("hooks/before", script));
        settings.hooks().after().ifPresent(script -> files.put("hooks/after", script));
        settings.installNow().ifPresent(id -> files.put("now", "id " + id + "\n"));
        return files;
    }

    private static String yes(boolean flag) {
        return flag ? "yes" : "no";
    }

    private static String lines(List<String> texts) {
        return texts.isEmpty() ? "" : String.join("\n", texts) + "\n";
    }
}
