package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.goal.Order;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The ways out of every state: orders to one installation. */
final class OrderCommands {
    private OrderCommands() {}

    /** Gives an order and, when asked, waits until the machine has carried it out. */
    abstract static class OrderCommand implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Parameters(index = "1", paramLabel = "INSTALLATION")
        String installation = "";

        @Mixin
        InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

        @Mixin
        GlobalOptions global;

        private final Surroundings world;
        private final Order.Kind kind;

        OrderCommand(Surroundings world, Order.Kind kind) {
            this.world = world;
            this.kind = kind;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                String path = global.installationPath(machine, installation);
                InstallationView view = client.post(path + "/" + kind.wire(), null, InstallationView.class);
                Output output = global.output();
                if (wait.wait) {
                    output.remarks()
                            .println("Waiting until " + machine + " has carried out: " + kind.wire() + " "
                                    + installation);
                    long number = Objects.requireNonNull(view.order()).number();
                    view = new Waiter(world, client, output.remarks()).afterOrder(path, number, kind, wait.timeout);
                }
                InstallationView last = view;
                output.print(last, () -> InstallationSheet.print(world, last, wait.wait));
                return 0;
            }
        }
    }

    /** Stops. */
    @Command(
            name = "cancel",
            description = "Stop what is being done; it counts as given up until it is tried again or changed.",
            mixinStandardHelpOptions = true)
    static final class Cancel extends OrderCommand {
        Cancel(Surroundings world) {
            super(world, Order.Kind.CANCEL);
        }
    }

    /** Tries again. */
    @Command(
            name = "retry",
            description = "Try what failed again, as it is. (To run a script once more: vmext install --rerun.)",
            mixinStandardHelpOptions = true)
    static final class Retry extends OrderCommand {
        Retry(Surroundings world) {
            super(world, Order.Kind.RETRY);
        }
    }

    /** Begins from nothing. */
    @Command(
            name = "reset",
            description = "Take away what is on the machine, whatever state it is in, and install it again.",
            mixinStandardHelpOptions = true)
    static final class Reset extends OrderCommand {
        Reset(Surroundings world) {
            super(world, Order.Kind.RESET);
        }
    }

    /** Ends a hold. */
    @Command(
            name = "release",
            description = "Let a version that is held back after it failed be tried again.",
            mixinStandardHelpOptions = true)
    static final class Release extends OrderCommand {
        Release(Surroundings world) {
            super(world, Order.Kind.RELEASE);
        }
    }
}
