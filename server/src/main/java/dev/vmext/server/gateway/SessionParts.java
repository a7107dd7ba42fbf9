package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.server.ca.CertificateAuthority;
import dev.vmext.server.command.CommandOutputs;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What all sessions share.
 *
 * @param pushers send goals, only so many at a time as the store can serve
 * @param workers send short answers
 * @param timer only wakes, never works
 */
record SessionParts(
        Fleet fleet,
        CertificateAuthority authority,
        Gatekeeper gatekeeper,
        AgentSessions sessions,
        StatusWriter statuses,
        CommandOutputs outputs,
        InstantSource clock,
        GatewaySettings settings,
        Executor pushers,
        Executor workers,
        ScheduledExecutorService timer) {}
