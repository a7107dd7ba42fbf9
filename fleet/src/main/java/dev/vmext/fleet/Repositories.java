package dev.vmext.fleet;

import dev.vmext.fleet.Decision.Note;
import dev.vmext.protocol.JsonText;
import dev.vmext.protocol.api.RepositoryKey;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Backup repositories: who may use them, what is wanted of them, what is known of them. Behind {@link Fleet}; as thread-safe as the store. */
final class Repositories {
    private final FleetParts parts;
    private final RepositoryKeys keys;

    Repositories(FleetParts parts) {
        this.parts = parts;
        this.keys = new RepositoryKeys(parts.ids(), parts.sealer());
    }

    List<RepositoryView> list(String project) {
        return parts.store().read(view -> {
            Problems.getProject(view, project);
            return view.repositories(project).stream()
                    .map(one -> shown(view, one))
                    .toList();
        });
    }

    /** Of all projects. */
    List<RepositoryView> all() {
        return parts.store()
                .read(view -> view.projects().stream()
                        .flatMap(project -> view.repositories(project).stream())
                        .map(one -> shown(view, one))
                        .toList());
    }

    RepositoryView get(String project, String machine, String installation) {
        return parts.store().read(view -> shown(view, find(view, project, machine, installation)));
    }

    private static Repository find(FleetView view, String project, String machine, String installation) {
        Problems.getProject(view, project);
        return RepositoryUse.find(view, project, machine, installation)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.REPOSITORY_NOT_FOUND,
                        "cannot find the backup repository of " + Problems.shown(installation) + " of machine "
                                + Problems.shown(machine) + ": project " + project + " has none",
                        "vmext repository list shows what there is; a machine that is gone can be named by its id"));
    }

    private static RepositoryView shown(FleetView view, Repository repository) {
        boolean exists = view.findMachine(repository.machineId()).isPresent();
        return repository.view(exists, exists && inUse(view, repository));
    }

    private static boolean inUse(FleetView view, Repository repository) {
        Releases releases = new Releases(view);
        return view.installations(repository.machineId()).stream()
                .anyMatch(one -> one.present()
                        && one.name().equals(repository.installation())
                        && RepositoryUse.of(one, releases) instanceof RepositoryUse.Own);
    }

    /**
     * What a machine may do, by what its goal has in this moment. Whose settings name another repository may use the one here until they are
     * at work: when they fail, the ones before go on.
     *
     * @param ownerId the machine that the repository belongs to
     */
    RepositoryAccess access(String machineId, String ownerId, String installation) {
        return parts.store().read(view -> {
            Optional<Machine> machine = view.findMachine(machineId);
            Optional<Repository> repository = view.findRepository(ownerId, installation);
            if (machine.isEmpty()
                    || repository.isEmpty()
                    || !machine.get().project().equals(repository.get().project())) {
                return RepositoryAccess.NONE;
            }
            Releases releases = new Releases(view);
            RepositoryAccess best = RepositoryAccess.NONE;
            for (Installation one : view.installations(machineId)) {
                if (!one.present() || one.placement().line() == null) {
                    continue;
                }
                RepositoryUse use = RepositoryUse.of(one, releases);
                boolean appends = use instanceof RepositoryUse.Own
                        || (use instanceof RepositoryUse.Elsewhere && !one.settingsAtWork());
                if (appends && machineId.equals(ownerId) && one.name().equals(installation)) {
                    return RepositoryAccess.APPEND;
                }
                boolean reads = use instanceof RepositoryUse.Reads(String from, String name)
                        && RepositoryUse.find(view, machine.get().project(), from, name)
                                .map(Repository::place)
                                .equals(Optional.of(repository.get().place()));
                best = reads ? RepositoryAccess.READ : best;
            }
            return best;
        });
    }

    int quotaMiB(String ownerId, String installation) {
        return parts.store().read(view -> {
            Integer quota = view.findRepository(ownerId, installation)
                    .map(one -> one.policy().quotaMiB())
                    .orElse(null);
            return quota == null ? 0 : quota;
        });
    }

    RepositoryView write(Actor actor, String project, String machine, String installation, RepositoryWrite request) {
        RepositoryPolicy wanted = request.policy() == null ? RepositoryPolicy.NOTHING : request.policy();
        RepositoryRules.check(wanted);
        Map<String, String> secrets = request.replicaEnvironment();
        if (secrets != null) {
            RepositoryRules.checkSecrets(secrets);
        }
        return parts.store().transact(actor, view -> {
            Repository before = find(view, project, machine, installation);
            RepositoryPolicy policy = wanted.over(before.policy());
            if (!RepositoryRules.keepsAnything(policy)) {
                throw Problems.invalidValue(
                        "cannot keep no snapshots at all: all of keepLast to keepWithin would be off",
                        "keep at least one, or set pruneHours to 0 and nothing is forgotten");
            }
            Repository after = before.with(
                    policy,
                    secrets == null ? before.sealedSecrets() : sealed(before, secrets),
                    secrets == null ? before.secretNames() : List.copyOf(new TreeSet<>(secrets.keySet())));
            return after.equals(before)
                    ? Decision.nothing(shown(view, before))
                    : Decision.noted(
                            List.of(new FleetChange.RepositoryPut(after)),
                            shown(view, after),
                            new Note(parts.now(), "repository.set", subject(after), changed(before, after, secrets)));
        });
    }

    private static String subject(Repository repository) {
        return repository.project() + "/" + repository.machine() + "/" + repository.installation();
    }

    private static String changed(Repository before, Repository after, @Nullable Map<String, String> secrets) {
        return (before.policy().equals(after.policy()) ? "" : "policy " + after.policy())
                + (secrets == null ? "" : " secrets of the second place " + after.secretNames());
    }

    private @Nullable String sealed(Repository repository, Map<String, String> secrets) {
        return secrets.isEmpty()
                ? null
                : parts.sealer()
                        .seal(
                                Repository.SEALED_FOR + "-replica",
                                repository.place(),
                                JsonText.write(new LinkedHashMap<>(secrets)))
                        .text();
    }

    /** For people who must get at a backup without this control plane; each time is written down. */
    RepositoryKey key(Actor actor, String project, String machine, String installation) {
        return parts.store().transact(actor, view -> {
            Repository repository = find(view, project, machine, installation);
            return Decision.noted(
                    List.of(),
                    new RepositoryKey(keys.open(repository)),
                    new Note(parts.now(), "repository.key", subject(repository), "the password was shown"));
        });
    }

    RepositorySecrets secrets(String machineId, String installation) {
        Repository repository = parts.store()
                .read(view -> view.findRepository(machineId, installation))
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.REPOSITORY_NOT_FOUND,
                        "cannot open the repository " + machineId + "/" + installation + ": there is none",
                        "it was probably deleted"));
        Map<String, String> environment = new LinkedHashMap<>();
        String sealed = repository.sealedSecrets();
        if (sealed != null) {
            JsonText.readObject(parts.sealer().open(Repository.SEALED_FOR + "-replica", repository.place(), sealed))
                    .forEach((name, value) -> environment.put(name, String.valueOf(value)));
        }
        return new RepositorySecrets(keys.open(repository), environment);
    }

    /** News of it; does nothing when it is gone or nothing is new. */
    void status(String machineId, String installation, UnaryOperator<RepositoryStatus> news) {
        parts.store().transact(Actor.SYSTEM, view -> {
            Optional<Repository> before = view.findRepository(machineId, installation);
            Optional<Repository> after = before.map(one -> one.with(news.apply(one.status())));
            return after.isEmpty() || after.equals(before)
                    ? Decision.nothing(true)
                    : Decision.silent(List.of(new FleetChange.RepositoryPut(after.get())), true);
        });
    }

    /** Writes down that somebody asked for it. */
    void work(Actor actor, RepositoryView repository, String what) {
        parts.store()
                .transact(
                        actor,
                        view -> Decision.noted(
                                List.of(),
                                true,
                                new Note(
                                        parts.now(),
                                        "repository." + what,
                                        repository.project() + "/" + repository.machine() + "/"
                                                + repository.installation(),
                                        "asked for")));
    }

    /** Its record and its password are gone with this; its files are the caller's to delete. */
    RepositoryView delete(Actor actor, String project, String machine, String installation) {
        return parts.store().transact(actor, view -> {
            Repository repository = find(view, project, machine, installation);
            RepositoryView last = shown(view, repository);
            if (last.inUse()) {
                throw new ProblemException(
                        ProblemCode.REPOSITORY_IN_USE,
                        "cannot delete the backup repository of " + installation + " of machine " + repository.machine()
                                + ": that installation writes into it",
                        "uninstall it first: vmext uninstall " + repository.machine() + " " + installation);
            }
            return Decision.noted(
                    List.of(new FleetChange.RepositoryGone(
                            repository.machineId(), project, repository.machine(), installation)),
                    last,
                    new Note(
                            parts.now(),
                            "repository.delete",
                            subject(repository),
                            last.status().snapshots() + " snapshots"));
        });
    }
}
