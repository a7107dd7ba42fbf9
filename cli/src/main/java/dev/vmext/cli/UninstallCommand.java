package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes an extension off a machine. */
@Command(
        name = "uninstall",
        description = "Take an extension off a machine, with everything it brought.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = "  vmext uninstall demo motd --wait")
final class UninstallCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(
            index = "1",
            paramLabel = "INSTALLATION",
            description = "Its name on the machine, see 'vmext installation list MACHINE'.")
    String installation = "";

    @Mixin
    InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    UninstallCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            String path = global.installationPath(machine, installation);
            InstallationView before = client.get(path, InstallationView.class);
            client.delete(path);
            Output output = global.output();
            if (wait.wait) {
                output.remarks()
                        .println("Waiting until " + installation + " (" + before.extension() + ") is gone from "
                                + machine);
                new Waiter(world, client, output.remarks()).untilGone(path, wait.timeout);
            }
            String state = wait.wait ? "removed" : "removing";
            output.print(
                    Map.of("machine", machine, "name", installation, "state", state),
                    () -> world.out().println(installation + " on " + machine + ": " + state));
            return 0;
        }
    }
}
