package dev.vmext.server.repository;

import dev.vmext.protocol.api.RepositoryView;
import java.util.regex.Pattern;

/** Which repository, by names that were checked: they become folders. */
public record RepositoryPlace(String machineId, String installation) {
    private static final Pattern MACHINE = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern INSTALLATION = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    public RepositoryPlace {
        if (!MACHINE.matcher(machineId).matches()
                || !INSTALLATION.matcher(installation).matches()) {
            throw new IllegalArgumentException("no place of a repository");
        }
    }

    public static RepositoryPlace of(RepositoryView view) {
        return new RepositoryPlace(view.machineId(), view.installation());
    }

    @Override
    public String toString() {
        return machineId + "/" + installation;
    }
}
