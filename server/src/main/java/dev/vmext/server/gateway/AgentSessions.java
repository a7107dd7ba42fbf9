package dev.vmext.server.gateway;

import dev.vmext.fleet.Liveness;
import dev.vmext.protocol.freeze.FreezeAnswer;
import dev.vmext.protocol.link.DiagnosisRequest;
import dev.vmext.protocol.link.LogAnswer;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which machine is connected by which session, and what is remembered of a machine between its links. Made by the wiring before the
 * fleet, which asks it who is online. In memory only: after a restart agents come back and are asked to tell everything again. Any
 * thread.
 */
public final class AgentSessions implements Liveness {
    private final InstantSource clock;
    private final Map<String, AgentSession> sessions = new ConcurrentHashMap<>();
    private final Map<String, MachineMemory> memories = new ConcurrentHashMap<>();
    private final Map<String, Instant> unsaved = new ConcurrentHashMap<>();
    private final Set<String> cameOrWent = ConcurrentHashMap.newKeySet();
    private volatile Runnable onCameOrWent = () -> {};

    public AgentSessions(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public boolean online(String machineId) {
        return sessions.containsKey(machineId);
    }

    @Override
    public Optional<Instant> findLastSeen(String machineId) {
        return Optional.ofNullable(memories.get(machineId)).flatMap(MachineMemory::lastSeen);
    }

    /** How many machines are connected. */
    public int count() {
        return sessions.size();
    }

    /**
     * The end of the agent's log, from the agent itself. Fails with log-not-found when the machine is offline, does not answer in time
     * or has an agent that cannot do this.
     */
    public CompletableFuture<LogAnswer> requestLog(String machineId, int tailBytes) {
        AgentSession session = sessions.get(machineId);
        if (session == null) {
            return CompletableFuture.failedFuture(new ProblemException(
                    ProblemCode.LOG_NOT_FOUND,
                    "cannot read the agent's log: the machine is not connected",
                    "wait until it is online, or look at the log on the machine: journalctl -u vmext-agent"));
        }
        return session.desk().requestLog(tailBytes);
    }

    /**
     * What a log of the machine has had since a cursor; fails with log-not-found as {@link #requestLog} does.
     *
     * @param installation whose handler's logs, empty for the agent's own
     */
    public CompletableFuture<LogPiece> readLog(String machineId, String installation, String cursor, int max) {
        AgentSession session = sessions.get(machineId);
        if (session == null) {
            return CompletableFuture.failedFuture(new ProblemException(
                    ProblemCode.LOG_NOT_FOUND,
                    "cannot read the log: the machine is not connected",
                    "wait until it is online"));
        }
        return session.desk().readLog(installation, cursor, max);
    }

    /** What an agent finds out about its machine: the doctor's text or a zip. Fails as {@link #requestLog} does. */
    public CompletableFuture<byte[]> examine(String machineId, DiagnosisRequest.Kind kind) {
        AgentSession session = sessions.get(machineId);
        if (session == null) {
            return CompletableFuture.failedFuture(new ProblemException(
                    ProblemCode.LOG_NOT_FOUND,
                    "cannot examine the machine: it is not connected",
                    "wait until it is online, or run vmext-agent doctor on the machine"));
        }
        return session.examine(kind);
    }

    /**
     * Has a machine hold still, for so many seconds at most. Fails with freeze-failed when it is offline, cannot do that or does not answer
     * in time; an answer that is not good says why.
     */
    public CompletableFuture<FreezeAnswer> hold(String machineId, String id, int seconds) {
        AgentSession session = sessions.get(machineId);
        return session == null ? notConnected() : session.hold(id, seconds);
    }

    /** Lets it go; good when it held still until now. Fails as {@link #hold} does; then it lets go by itself. */
    public CompletableFuture<FreezeAnswer> release(String machineId, String id) {
        AgentSession session = sessions.get(machineId);
        return session == null ? notConnected() : session.release(id);
    }

    private static CompletableFuture<FreezeAnswer> notConnected() {
        return CompletableFuture.failedFuture(new ProblemException(
                ProblemCode.FREEZE_FAILED,
                "cannot hold the machine still: its agent is not connected",
                "wait until it is online"));
    }

    /** The session is the machine's one from now on; an older one is closed. */
    void opened(String machineId, AgentSession session) {
        AgentSession before = sessions.put(machineId, session);
        seen(machineId);
        if (before == null) {
            cameOrWent(machineId);
        } else if (before != session) {
            before.replacedBy(session);
        }
    }

    void closed(String machineId, AgentSession session) {
        if (sessions.remove(machineId, session)) {
            cameOrWent(machineId);
        }
    }

    private void cameOrWent(String machineId) {
        cameOrWent.add(machineId);
        onCameOrWent.run();
    }

    /** The hook is called on connections' threads whenever somebody came or went, and must only wake somebody. */
    void onCameOrWent(Runnable hook) {
        onCameOrWent = hook;
    }

    /** Who came or went since the last call. */
    List<String> takeCameOrWent() {
        return List.copyOf(cameOrWent).stream().filter(cameOrWent::remove).toList();
    }

    void seen(String machineId) {
        Instant now = clock.instant();
        memory(machineId).seen(now);
        unsaved.put(machineId, now);
    }

    MachineMemory memory(String machineId) {
        return memories.computeIfAbsent(machineId, id -> new MachineMemory());
    }

    /** The goals of these machines may have changed: those that are connected get them. */
    void goalsChanged(List<String> machineIds) {
        for (String machineId : machineIds) {
            AgentSession session = sessions.get(machineId);
            if (session != null) {
                session.goalChanged();
            }
        }
    }

    Collection<AgentSession> open() {
        return List.copyOf(sessions.values());
    }

    /** Who was seen since the last call, and when. */
    Map<String, Instant> takeUnsaved() {
        Map<String, Instant> taken = new HashMap<>();
        for (String machineId : List.copyOf(unsaved.keySet())) {
            Instant time = unsaved.remove(machineId);
            if (time != null) {
                taken.put(machineId, time);
            }
        }
        return taken;
    }
}
