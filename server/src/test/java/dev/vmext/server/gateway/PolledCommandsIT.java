package dev.vmext.server.gateway;

/** Run-once commands for an agent that polls. */
class PolledCommandsIT extends CommandsIT {
    @Override
    boolean polling() {
        return true;
    }
}
