package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.RemovedView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
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
            Optional<InstallationView> before = client.find(path, InstallationView.class);
            client.delete(path);
            Output output = global.output();
            if (wait.wait) {
                output.remarks()
                        .println("Waiting until " + installation
                                + before.map(one -> " (" + one.extension() + ")")
                                        .orElse("") + " is gone from " + machine);
                new Waiter(world, client, output.remarks()).untilGone(path, wait.timeout);
            }
            String state = wait.wait ? "removed" : "removing";
            Optional<RemovedView> removed = wait.wait ? report(client) : Optional.empty();
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("machine", machine);
            answer.put("name", installation);
            answer.put("state", state);
            removed.ifPresent(gone -> answer.put("removed", gone));
            output.print(answer, () -> {
                world.out().println(installation + " on " + machine + ": " + state);
                removed.map(RemovedView::report).ifPresent(report -> InstallationSheet.removal(world.out(), report));
                if (!wait.wait) {
                    world.out().println("  What it leaves: vmext machine removals " + machine);
                }
            });
            return 0;
        }
    }

    private Optional<RemovedView> report(ApiClient client) throws InterruptedException {
        return client.list(global.machinePath(machine) + "/removals", RemovedView.class).stream()
                .filter(gone -> gone.name().equals(installation))
                .findFirst();
    }
}
