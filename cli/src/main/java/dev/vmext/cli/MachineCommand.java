package dev.vmext.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What every command about machines has: the way to the control plane, closed when the command is done. */
abstract class MachineCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global;

    final Surroundings world;

    MachineCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public final Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            run(client);
            return 0;
        }
    }

    abstract void run(ApiClient client) throws InterruptedException;
}
