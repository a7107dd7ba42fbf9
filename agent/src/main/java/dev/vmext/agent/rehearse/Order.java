package dev.vmext.agent.rehearse;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is to be rehearsed.
 *
 * @param zip the package, signed or not
 * @param root an empty folder for everything
 * @param settings JSON object text
 * @param newSettings the settings that follow, for the scenario that changes them
 * @param secret JSON object text of the protected settings, empty for none
 * @param only names of scenarios, empty for all
 * @param watched folders that are compared before and after, with what each is called in reports
 */
public record Order(
        Path zip,
        Path root,
        String settings,
        String newSettings,
        String secret,
        List<String> only,
        Map<Path, String> watched) {
    public Order {
        only = List.copyOf(only);
        watched = Map.copyOf(watched);
    }
}
