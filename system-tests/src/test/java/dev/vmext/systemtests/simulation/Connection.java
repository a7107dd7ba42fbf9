package dev.vmext.systemtests.simulation;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineStatus;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.goal.GoalStateCodec;
import dev.vmext.protocol.status.InstallationStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * One connection of a machine, with what both ends know because of it. Within a connection messages keep their order, as TCP has it. When
 * it breaks, what was under way is lost, or reaches the control plane later, even after messages of the next connection.
 */
final class Connection {
    /** What travels. */
    sealed interface Message {
        record Goal(GoalOffer offer) implements Message {}

        record Acknowledged(InstallationStatus status) implements Message {}

        record Report(InstallationStatus status) implements Message {}

        record Took(long generation) implements Message {}
    }

    private final Fleet fleet;
    private final Guest guest;
    private final Queue<Message> up = new ArrayDeque<>();
    private final Queue<Message> down = new ArrayDeque<>();
    private final List<InstallationStatus> told = new ArrayList<>();
    private long sent = -1;
    private long toldGeneration = -1;

    Connection(Fleet fleet, Guest guest) {
        this.fleet = fleet;
        this.guest = guest;
    }

    boolean idle() {
        return up.isEmpty() && down.isEmpty();
    }

    /** The agent's end says what the other end has not acknowledged yet; again and again does no harm. */
    void agentSpeaks() {
        if (guest.accepted() > toldGeneration) {
            toldGeneration = guest.accepted();
            up.add(new Message.Took(toldGeneration));
        }
        for (InstallationStatus status : guest.unacknowledged()) {
            if (!told.contains(status)) {
                told.add(status);
                up.add(new Message.Report(status));
            }
        }
    }

    /** The control plane's end offers the newest goal once. */
    void serverSpeaks() {
        if (fleet.goalGeneration(guest.id) > sent) {
            GoalState goal = fleet.offerGoal(guest.id);
            sent = goal.generation();
            down.add(new Message.Goal(GoalStateCodec.encode(goal)));
        }
    }

    /** One message arrives; answers whether there was one. */
    boolean deliver(boolean upwards) {
        Message message = upwards ? up.poll() : down.poll();
        if (message != null) {
            arrive(message);
        }
        return message != null;
    }

    /** The network repeats what is under way to the control plane: a retry that was not needed. */
    void repeat() {
        Message first = up.peek();
        if (first != null) {
            up.add(first);
        }
    }

    private void arrive(Message message) {
        switch (message) {
            case Message.Goal(GoalOffer offer) -> guest.goalArrived(offer);
            case Message.Acknowledged(InstallationStatus status) -> guest.acknowledged(status);
            case Message.Took(long generation) -> fleet.goalAcknowledged(guest.id, generation);
            case Message.Report(InstallationStatus status) -> {
                fleet.reportStatuses(List.of(new MachineStatus(guest.id, status)));
                down.add(new Message.Acknowledged(status));
            }
        }
    }

    /** It breaks: what was on its way up may still arrive, by {@link #straggle}. */
    List<Message> cut() {
        List<Message> late = List.copyOf(up);
        up.clear();
        down.clear();
        return late;
    }

    /** A message of a broken connection arrives after all; its answer reaches nobody. */
    void straggle(Message message) {
        switch (message) {
            case Message.Took(long generation) -> fleet.goalAcknowledged(guest.id, generation);
            case Message.Report(InstallationStatus status) ->
                fleet.reportStatuses(List.of(new MachineStatus(guest.id, status)));
            case Message.Goal _, Message.Acknowledged _ -> throw new IllegalStateException("these go down");
        }
    }
}
