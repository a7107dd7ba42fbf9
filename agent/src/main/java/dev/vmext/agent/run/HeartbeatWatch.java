package dev.vmext.agent.run;

import dev.vmext.agent.contract.HandlerContract;
import dev.vmext.agent.contract.HandlerFolder;
import dev.vmext.agent.contract.HeartbeatReading;
import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Watches the heartbeat of one enabled version that promised one (azure-contract 1.9). Until its first heartbeat a handler has the
 * time it has for its first status; after that every look counts. One thread at a time.
 */
final class HeartbeatWatch {
    private static final String HINT = "look at the handler's log and at the service it runs";

    private final HandlerContract contract;
    private final SettingsGuard guard;
    private final Limits limits;
    private final Instant since;
    private boolean decided;
    private @Nullable Cause failure;

    HeartbeatWatch(HandlerContract contract, SettingsGuard guard, Limits limits, Instant since) {
        this.contract = contract;
        this.guard = guard;
        this.limits = limits;
        this.since = since;
    }

    void look(HandlerFolder folder, Instant now) {
        Map<String, String> evidence = Map.of("path", folder.base() + "/heartbeat.log");
        switch (contract.readHeartbeat(folder)) {
            case HeartbeatReading.Beating beat -> {
                decided = true;
                failure = beat.ready()
                        ? null
                        : new Cause(
                                CauseClass.HANDLER_STATUS,
                                "probe",
                                folder.extension() + " is not ready: its heartbeat says " + guard.redact(beat.word())
                                        + (beat.message().isEmpty() ? "" : ": " + guard.redact(beat.message())),
                                HINT,
                                Map.of("path", folder.base() + "/heartbeat.log", "code", beat.code()));
            }
            case HeartbeatReading.Unresponsive(Duration silence) -> {
                decided = true;
                failure = new Cause(
                        CauseClass.PROBE,
                        "probe",
                        folder.extension() + " is unresponsive: its last heartbeat was " + silence.toSeconds()
                                + " s ago",
                        HINT,
                        evidence);
            }
            case HeartbeatReading.Unreadable(String why) -> {
                if (decided || !now.isBefore(since.plus(limits.firstStatus()))) {
                    decided = true;
                    failure = new Cause(
                            CauseClass.HANDLER_STATUS,
                            "probe",
                            folder.extension() + " is not ready: " + guard.redact(why),
                            HINT,
                            evidence);
                }
            }
        }
    }

    boolean decided() {
        return decided;
    }

    @Nullable Cause failure() {
        return failure;
    }
}
