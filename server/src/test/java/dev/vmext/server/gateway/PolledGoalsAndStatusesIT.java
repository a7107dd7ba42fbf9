package dev.vmext.server.gateway;

/** Goals and statuses of an agent that polls. */
class PolledGoalsAndStatusesIT extends GoalsAndStatusesIT {
    @Override
    boolean polling() {
        return true;
    }

    /** Who only stops asking is missed after a while; this one says goodbye. */
    @Override
    void leave(ScriptedAgent agent) throws Exception {
        agent.disconnect();
    }

    @Override
    void arrive(ScriptedAgent agent) throws Exception {
        agent.connectWithCertificate();
        agent.introduce();
    }
}
