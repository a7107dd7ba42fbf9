package dev.vmext.fleet;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes repositories and brings their passwords into the protected settings of the installations that need them. Pure but for the ids;
 * works on a draft.
 */
final class RepositoryKeys {
    private static final int BYTES = 32;

    private final IdSource ids;
    private final Sealer sealer;

    RepositoryKeys(IdSource ids, Sealer sealer) {
        this.ids = ids;
        this.sealer = sealer;
    }

    /**
     * The password for this installation, empty when it needs none from here. The first time for an installation of its own, its
     * repository is put into the draft.
     */
    Optional<String> password(
            MachineDraft draft, String installation, Release release, Map<String, Object> settings, Instant now) {
        return switch (RepositoryUse.of(release, settings)) {
            case RepositoryUse.None _, RepositoryUse.Elsewhere _ -> Optional.empty();
            case RepositoryUse.Own _ -> Optional.of(own(draft, installation, now));
            case RepositoryUse.Reads(String machine, String name) ->
                Optional.of(open(draft.findRepository(machine, name)
                        .orElseThrow(() -> new ProblemException(
                                ProblemCode.REPOSITORY_NOT_FOUND,
                                "cannot restore from the repository of " + Problems.shown(name) + " of machine "
                                        + Problems.shown(machine) + ": project "
                                        + draft.machine().project() + " has none",
                                "vmext repository list shows what there is; name a machine that is gone by its id"))));
        };
    }

    private String own(MachineDraft draft, String installation, Instant now) {
        Machine machine = draft.machine();
        Optional<Repository> known = draft.findRepository(machine.id(), installation);
        if (known.isPresent()) {
            return open(known.get());
        }
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(ids.newSecret(BYTES));
        draft.put(new Repository(
                machine.id(),
                machine.project(),
                machine.name(),
                installation,
                sealer.seal(Repository.SEALED_FOR, machine.id() + "/" + installation, password)
                        .text(),
                null,
                List.of(),
                RepositoryPolicy.DEFAULTS,
                RepositoryStatus.NONE,
                now,
                0));
        return password;
    }

    String open(Repository repository) {
        return sealer.open(Repository.SEALED_FOR, repository.place(), repository.sealedPassword());
    }

    /** Refuses a password that an operator gives where the control plane makes it. */
    static void refuseOwn(String installation, @Nullable Map<String, Object> secret) {
        if (secret != null && secret.containsKey(RepositoryUse.PASSWORD)) {
            throw Problems.invalidValue(
                    "cannot set " + RepositoryUse.PASSWORD + " of " + installation
                            + ": the control plane makes the password of its own repositories",
                    "leave it away, or set repository to one of your own");
        }
    }

    static Map<String, Object> with(Map<String, Object> secret, String password) {
        Map<String, Object> all = new LinkedHashMap<>(secret);
        all.put(RepositoryUse.PASSWORD, password);
        return all;
    }
}
