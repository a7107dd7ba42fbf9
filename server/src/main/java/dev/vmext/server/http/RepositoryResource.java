package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.RepositoryView;
import dev.vmext.protocol.api.RepositoryWrite;
import dev.vmext.server.repository.RepositoryKeeper;
import dev.vmext.server.repository.RepositoryWork;
import java.io.IOException;

/** {@code .../repositories}: backup repositories, what is wanted of them, and work on them. */
final class RepositoryResource {
    private final Fleet fleet;
    private final RepositoryKeeper keeper;

    RepositoryResource(Fleet fleet, RepositoryKeeper keeper) {
        this.fleet = fleet;
        this.keeper = keeper;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listRepositories(call.path("project")).stream()
                .map(this::shown)
                .toList()));
    }

    Answer ofMachine(Call call) {
        String machine = call.path("machine");
        return Answer.ok(new Items<>(fleet.listRepositories(call.path("project")).stream()
                .filter(one -> one.machine().equals(machine) || one.machineId().equals(machine))
                .map(this::shown)
                .toList()));
    }

    Answer show(Call call) {
        return Answer.ok(shown(find(call)));
    }

    Answer write(Call call) throws IOException {
        return Answer.ok(shown(fleet.writeRepository(
                call.principal().actor(),
                call.path("project"),
                call.path("machine"),
                call.path("installation"),
                call.body(RepositoryWrite.class))));
    }

    /** The files go with the record. */
    Answer delete(Call call) {
        keeper.delete(call.principal().actor(), call.path("project"), call.path("machine"), call.path("installation"));
        return Answer.nothing();
    }

    Answer key(Call call) {
        return Answer.ok(fleet.repositoryKey(
                call.principal().actor(), call.path("project"), call.path("machine"), call.path("installation")));
    }

    Answer snapshots(Call call) {
        return Answer.ok(new Items<>(keeper.snapshots(find(call))));
    }

    Answer check(Call call) {
        return begun(call, RepositoryWork.CHECK);
    }

    Answer prove(Call call) {
        return begun(call, RepositoryWork.PROVE);
    }

    Answer replicate(Call call) {
        return begun(call, RepositoryWork.REPLICATE);
    }

    Answer prune(Call call) {
        return begun(call, RepositoryWork.PRUNE);
    }

    private Answer begun(Call call, RepositoryWork work) {
        RepositoryView view = find(call);
        keeper.start(call.principal().actor(), view, work);
        return Answer.ok(view.running(work.wire()));
    }

    private RepositoryView find(Call call) {
        return fleet.getRepository(call.path("project"), call.path("machine"), call.path("installation"));
    }

    private RepositoryView shown(RepositoryView view) {
        return view.running(keeper.running(view).map(RepositoryWork::wire).orElse(null));
    }
}
