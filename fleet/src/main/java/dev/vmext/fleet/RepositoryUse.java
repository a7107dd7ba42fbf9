package dev.vmext.fleet;

import dev.vmext.packageformat.manifest.GatewayUse;
import dev.vmext.protocol.JsonText;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an installation has to do with repositories of the control plane, by its package and its settings; the same for any publisher.
 *
 * <ul>
 *   <li>The package must declare {@code gateway: repository}.
 *   <li>With the setting {@code from} ({@code machine}, {@code installation}) it reads the repository of another installation.
 *   <li>With a setting {@code repository} other than {@code control-plane} it uses one of the operator's own.
 *   <li>Else it writes into one of its own here.
 * </ul>
 */
sealed interface RepositoryUse {
    /** The setting that names a repository to read. */
    String FROM = "from";

    /** The protected setting that the control plane fills in. */
    String PASSWORD = "repositoryPassword";

    /** Nothing. */
    record None() implements RepositoryUse {}

    /** It writes into one that the operator brought. */
    record Elsewhere() implements RepositoryUse {}

    /** It writes into its own. */
    record Own() implements RepositoryUse {}

    /**
     * It reads.
     *
     * @param machine name or id
     */
    record Reads(String machine, String installation) implements RepositoryUse {}

    static RepositoryUse of(Release release, Map<String, Object> settings) {
        if (!release.description().execution().gateway().contains(GatewayUse.REPOSITORY)) {
            return new None();
        }
        if (settings.get(FROM) instanceof Map<?, ?> from) {
            return from.get("machine") instanceof String machine
                            && from.get("installation") instanceof String installation
                    ? new Reads(machine, installation)
                    : new None();
        }
        Object place = settings.get("repository");
        return place == null || place.equals("control-plane") ? new Own() : new Elsewhere();
    }

    static RepositoryUse of(Installation installation, Releases releases) {
        return of(
                releases.get(installation),
                JsonText.readObject(installation.settings().publicText()));
    }

    /** The repository of a machine by name or id; a machine that is there comes before one that was. */
    static Optional<Repository> find(FleetView view, String project, String machine, String installation) {
        List<Repository> named = view.repositories(project).stream()
                .filter(one -> one.installation().equals(installation))
                .filter(one -> one.machineId().equals(machine) || one.machine().equals(machine))
                .toList();
        return named.stream()
                .filter(one -> view.findMachine(one.machineId()).isPresent())
                .findFirst()
                .or(() -> named.stream()
                        .reduce((older, newer) -> newer.createdAt().isAfter(older.createdAt()) ? newer : older));
    }
}
