package dev.vmext.agent;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.contract.AzureContract;
import dev.vmext.agent.fetch.Download;
import dev.vmext.agent.fetch.PackageStore;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.Restarter;
import dev.vmext.agent.journal.Journal;
import dev.vmext.agent.process.Processes;
import dev.vmext.agent.run.HealthWatch;
import dev.vmext.agent.run.Limits;
import dev.vmext.agent.run.Monitoring;
import dev.vmext.agent.run.Probes;
import dev.vmext.agent.run.StepRunner;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.goal.GoalOffer;
import dev.vmext.protocol.status.InstallationStatus;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The agent's real loop, planner, state machine and steps without a link, threads or time of their own: somebody else says when the
 * next thing happens, and in which order what happens side by side. For crash tests and simulations, which must be able to repeat
 * every run; {@code Wiring} puts the same parts together for a machine. One thread.
 */
public final class SteppedAgent {
    /**
     * A machine as this agent sees it.
     *
     * @param clock the machine's, which may be set
     * @param nanoTime one that nobody can set
     * @param order decides what comes first of what happens side by side
     */
    public record World(
            Places places,
            Journal journal,
            Processes processes,
            Download download,
            Probes probes,
            ForeignLocks locks,
            Restarter restarter,
            InstantSource clock,
            LongSupplier nanoTime,
            RandomGenerator order) {}

    /** What the agent says; the same calls that the link gets. */
    public interface Listener {
        void report(InstallationStatus status);

        void forget(String installation);

        /** An offer was taken, or refused for this reason. */
        void answer(GoalOffer offer, @Nullable String refusal);

        /** Nothing is left to do for an offer that was taken. */
        void applied(GoalOffer offer);
    }

    /** Small, so that waiting for a turn happens. */
    private static final int PARALLEL = 3;

    private final AgentLoop loop;
    private final RandomGenerator order;
    private final List<Runnable> workers = new ArrayList<>();
    private final Queue<AgentEvent> arrived = new ArrayDeque<>();

    public SteppedAgent(World world, Listener listener) {
        this.order = world.order();
        Places places = world.places();
        Map<String, String> environment = Map.of();
        PackageStore packages = new PackageStore(places.packages(), places.trustFile(), world.download());
        OwnersWord guard = new OwnersWord(packages, new Secrets());
        AzureContract contract =
                new AzureContract(environment, places.certificates(), null, world.clock(), (extension, events) -> {});
        Limits limits = Limits.stretched(1);
        StepRunner runner = new StepRunner(places, packages, contract, world.processes(), guard, limits, world.clock());
        HealthWatch.Maker watches =
                new HealthWatch.Maker(places, contract, world.probes(), guard, limits, world.clock(), Monitoring.NONE);
        this.loop = new AgentLoop(
                world.journal(),
                runner,
                watches,
                packages,
                new Heard(listener),
                new AgentLoop.Ports(
                        world.clock(),
                        world.processes().bootId(),
                        limits,
                        workers::add,
                        new AgentLoop.Host(
                                world.locks(), world.restarter(), PARALLEL, true, () -> false, world.nanoTime())));
    }

    /** Continues what an agent before this one had begun. Called once, first. */
    public void recover() {
        loop.recover();
    }

    /** A goal came over the link. */
    public void goalArrived(GoalOffer offer) {
        arrived.add(new AgentEvent.GoalArrived(offer));
    }

    /** The control plane wants all statuses again. */
    public void statusesWanted() {
        arrived.add(new AgentEvent.StatusesWanted());
    }

    /** Lets one thing happen; answers false, after a look at the time, when nothing is left until {@link #untilNextLook}. */
    public boolean step() {
        AgentEvent event = arrived.poll();
        if (event != null) {
            loop.post(event);
        }
        if (loop.stepNow()) {
            return true;
        }
        if (workers.isEmpty()) {
            return false;
        }
        workers.remove(order.nextInt(workers.size())).run();
        return true;
    }

    /** How long the loop would sleep now. */
    public Duration untilNextLook() {
        return loop.untilNextLook();
    }

    private record Heard(Listener listener) implements Outbox {
        @Override
        public void report(InstallationStatus status) {
            listener.report(status);
        }

        @Override
        public void forget(String installation) {
            listener.forget(installation);
        }

        @Override
        public void answer(GoalOffer offer, @Nullable String refusal) {
            listener.answer(offer, refusal);
        }

        @Override
        public void applied(GoalOffer offer) {
            listener.applied(offer);
        }

        @Override
        public String describe() {
            return "stepped by hand";
        }
    }
}
