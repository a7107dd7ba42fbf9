package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.api.DiskSnapshotView;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.SnapshotCreate;
import dev.vmext.server.provisioning.Provisioner;
import dev.vmext.server.provisioning.Snapshots;
import java.io.IOException;

/** {@code .../machines/{machine}/snapshots} and what is made of them; begins work and never waits for it. */
final class SnapshotResource {
    private final Fleet fleet;
    private final Snapshots snapshots;
    private final Provisioner provisioner;

    SnapshotResource(Fleet fleet, Snapshots snapshots, Provisioner provisioner) {
        this.fleet = fleet;
        this.snapshots = snapshots;
        this.provisioner = provisioner;
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listSnapshots(call.path("project"), call.path("machine"))));
    }

    Answer create(Call call) throws IOException {
        MachineRecord machine = record(call);
        DiskSnapshotView view = snapshots.create(call.principal().actor(), machine, call.body(SnapshotCreate.class));
        return Answer.created(
                view, "/v1/projects/" + machine.project() + "/machines/" + machine.name() + "/snapshots/" + view.id());
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getSnapshot(call.path("project"), call.path("machine"), call.path("snapshot")));
    }

    Answer verify(Call call) {
        return Answer.ok(snapshots.verify(record(call), call.path("snapshot")));
    }

    Answer delete(Call call) {
        snapshots.delete(call.principal().actor(), record(call), call.path("snapshot"), call.query("chain", false));
        return Answer.nothing();
    }

    /** The machine's disk goes back to the snapshot. */
    Answer restore(Call call) {
        provisioner.restore(call.principal().actor(), record(call), call.path("snapshot"));
        return Answer.ok(fleet.getMachine(call.path("project"), call.path("machine")));
    }

    /** A lost machine comes back. */
    Answer recover(Call call) throws IOException {
        MachineRecord made =
                provisioner.recover(call.principal().actor(), record(call), call.body(MachineRecover.class));
        return Answer.ok(fleet.getMachine(made.project(), made.name()));
    }

    private MachineRecord record(Call call) {
        return fleet.machineRecord(call.path("project"), call.path("machine"));
    }
}
