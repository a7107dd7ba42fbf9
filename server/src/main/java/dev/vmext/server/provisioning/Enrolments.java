package dev.vmext.server.provisioning;

import dev.vmext.fleet.Actor;
import dev.vmext.fleet.Enrolment;
import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.EnrolmentView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.config.Endpoint;
import dev.vmext.server.publishing.Publishers;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets machines in that no provider of ours makes. Any thread. */
public final class Enrolments {
    private final Fleet fleet;
    private final TrustTexts trusts;
    private final AgentArchive agent;
    private final Supplier<GatewayFacts> gateway;

    public Enrolments(Fleet fleet, Publishers publishers, AgentArchive agent, Supplier<GatewayFacts> gateway) {
        this.fleet = fleet;
        this.trusts = new TrustTexts(publishers);
        this.agent = agent;
        this.gateway = gateway;
    }

    public EnrolmentView create(Actor actor, String project, EnrolmentCreate request) {
        // All that can be wrong is looked at before the machine is on record.
        trusts.check(request.trust(), request.mode());
        GatewayFacts facts = gateway.get();
        String address = address(request.gateway(), facts);
        Digest agentDigest = agent.digest();
        Enrolment enrolment = fleet.createEnrolment(actor, project, request);
        MachineRecord machine = enrolment.machine();
        var seed = new EnrolmentSeed(
                machine.id(),
                machine.name(),
                address,
                facts.caDigest(),
                trusts.text(machine.trust(), request.mode()),
                enrolment.token(),
                agentDigest,
                1);
        return new EnrolmentView(
                machine.name(), machine.id(), address, seed.command(), seed.userData(), enrolment.expiresAt());
    }

    private static String address(@Nullable String wanted, GatewayFacts facts) {
        if (wanted == null) {
            return facts.advertised();
        }
        try {
            Endpoint endpoint = Endpoint.parse(wanted);
            if (endpoint.port() > 0 && endpoint.host().matches("[A-Za-z0-9._:-]+")) {
                return endpoint.toString();
            }
        } catch (IllegalArgumentException e) {
            // The same problem as a host that is none.
        }
        throw new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot enrol the machine: gateway is not of the form host:port",
                "Give the address under which the machine reaches the gateway, for example " + facts.advertised()
                        + ", or leave it away.");
    }
}
