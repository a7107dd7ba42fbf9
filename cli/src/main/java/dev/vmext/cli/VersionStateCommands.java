package dev.vmext.cli;

import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.VersionStateWrite;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says whether a published version may be installed. */
final class VersionStateCommands {
    private VersionStateCommands() {}

    /** Sets one state. */
    abstract static class VersionStateCommand implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "EXTENSION")
        String extension = "";

        @Parameters(index = "1", paramLabel = "VERSION")
        String version = "";

        @Mixin
        GlobalOptions global;

        private final Surroundings world;
        private final String state;

        VersionStateCommand(Surroundings world, String state) {
            this.world = world;
            this.state = state;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                String path = "/v1/extensions/" + ApiClient.segment(extension) + "/versions/"
                        + ApiClient.segment(version) + "/state";
                ExtensionView view = client.put(path, new VersionStateWrite(state), false, ExtensionView.class);
                global.output()
                        .print(
                                Map.of("extension", view.name(), "version", version, "state", state),
                                () -> world.out().println(view.name() + " " + version + ": " + state));
                return 0;
            }
        }
    }

    /** May be installed. */
    @Command(name = "activate", description = "Let a version be installed again.", mixinStandardHelpOptions = true)
    static final class Activate extends VersionStateCommand {
        Activate(Surroundings world) {
            super(world, "active");
        }
    }

    /** Only when asked for exactly. */
    @Command(
            name = "deprecate",
            description = "Offer a version only to those who ask for it exactly; where it runs it stays.",
            mixinStandardHelpOptions = true)
    static final class Deprecate extends VersionStateCommand {
        Deprecate(Surroundings world) {
            super(world, "deprecated");
        }
    }

    /** Not any more, for safety. */
    @Command(
            name = "insecure",
            description = "Give a version to no machine any more because it is not safe; where it runs it is marked.",
            mixinStandardHelpOptions = true)
    static final class Insecure extends VersionStateCommand {
        Insecure(Surroundings world) {
            super(world, "insecure");
        }
    }

    /** Not any more. */
    @Command(
            name = "withdraw",
            description = "Give a version to no machine any more; where it runs it is marked.",
            mixinStandardHelpOptions = true)
    static final class Withdraw extends VersionStateCommand {
        Withdraw(Surroundings world) {
            super(world, "withdrawn");
        }
    }
}
