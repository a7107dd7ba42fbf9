package dev.vmext.intrusiondetection;

import dev.vmext.extensionkit.HandlerException;
import dev.vmext.intrusiondetection.IntrusionSettings.Jail;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the log files of jails are there: fail2ban starts no jail at all when one of them has nothing to read. */
final class Logs {
    private Logs() {}

    static void refuseMissing(Path root, List<Jail> jails) {
        for (int i = 0; i < jails.size(); i++) {
            Jail jail = jails.get(i);
            if (!jail.logs().isEmpty() && jail.logs().stream().noneMatch(log -> isThere(root, log))) {
                throw HandlerException.badSettings(
                        "cannot use settings.attacks.jails[%d]: %s has no log at %s"
                                .formatted(i, jail.service().word(), String.join(" ", jail.logs())),
                        "Take the jail out until the service is installed, or name its log files in logs. Nothing was changed.");
            }
        }
    }

    private static boolean isThere(Path root, String pattern) {
        Path path = root.resolve(pattern.substring(1));
        Path folder = path.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return false;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, String.valueOf(path.getFileName()))) {
            return found.iterator().hasNext();
        } catch (IOException e) {
            return false;
        }
    }
}
