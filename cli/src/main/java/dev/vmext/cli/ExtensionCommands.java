package dev.vmext.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Extensions: what there is, and how to make and publish one. */
@Command(
        name = "extension",
        description = "Extensions: what there is to install, and how to make, sign and publish one.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CatalogCommands.ListAll.class,
            CatalogCommands.Show.class,
            PublisherCommands.Keygen.class,
            PublisherCommands.Pack.class,
            TestCommand.class,
            PublisherCommands.Sign.class,
            PublisherCommands.Verify.class,
            PublisherCommands.Publish.class,
            VersionStateCommands.Activate.class,
            VersionStateCommands.Deprecate.class,
            VersionStateCommands.Insecure.class,
            VersionStateCommands.Withdraw.class,
        },
        footerHeading = "%nA publisher's way:%n",
        footer = {
            "  vmext extension keygen acme.key                      once; give acme.key.pub to machine owners",
            "  vmext extension pack ./my-extension                  a folder becomes Acme.Thing-1.0.0.zip",
            "  vmext extension test ./my-extension                  rehearses it here, without a control plane",
            "  vmext extension sign Acme.Thing-1.0.0.zip --key acme.key",
            "  vmext extension verify Acme.Thing-1.0.0.zip --trust trust.json",
            "  vmext extension publish Acme.Thing-1.0.0.zip",
        })
final class ExtensionCommands implements Runnable {
    private final Surroundings world;

    ExtensionCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }
}
