package dev.vmext.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the handler of an installation logs on the machine. */
@Command(
        name = "logs",
        description = "The end of what an installation's handler logs on its machine.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExample:%n",
        footer = "  vmext installation logs demo firewall -f")
final class InstallationLogs implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(index = "1", paramLabel = "INSTALLATION")
    String installation = "";

    @Option(
            names = "--tail",
            paramLabel = "BYTES",
            defaultValue = "16384",
            description = "How much of the end (default: ${DEFAULT-VALUE}).")
    int tail = 16384;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on as the logs grow, until Ctrl-C.")
    boolean follow;

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    InstallationLogs(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            String path = global.installationPath(machine, installation) + "/logs?tail=" + tail;
            LogReader reader = new LogReader(world, client, global);
            if (follow) {
                reader.follow(path + "&follow=true");
            } else {
                reader.show(path);
            }
            return 0;
        }
    }
}
