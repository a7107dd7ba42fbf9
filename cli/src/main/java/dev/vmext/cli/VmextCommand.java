package dev.vmext.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The root command; by itself it shows what there is. */
@Command(
        name = "vmext",
        description =
                "VM extensions for every VM: security, monitoring, management and backup, on any virtual machine.",
        mixinStandardHelpOptions = true,
        versionProvider = VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            StatusCommand.class,
            DoctorCommand.class,
            MachineCommands.class,
            InstallationCommands.class,
            InstallCommand.class,
            UninstallCommand.class,
            RunCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            MetricsCommand.class,
            UpdatesCommand.class,
            CommandCommands.class,
            SnapshotCommands.class,
            FindingCommands.class,
            WebhookCommands.class,
            RepositoryCommands.class,
            ExtensionCommands.class,
            PortalCommand.class,
            AlertCommands.class,
            SilenceCommands.class,
            AvailabilityCommand.class,
            AuditCommand.class,
            TokenCommands.class,
            ContextCommands.class,
            CompletionCommand.class,
            CompleteNamesCommand.class,
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext up                                          start everything here, with a machine to try",
            "  vmext install demo vmext.Firewall --wait          put an extension on a machine",
            "  vmext installation show demo firewall             what it is doing, and why",
            "  vmext extension list --category security          what there is to install",
            "  vmext machine enroll-command db1                  bring in a machine of your own",
            "",
            "Exit codes: 0 ok, 1 the operation failed, 2 usage, 3 not found, 4 refused, 5 unreachable, 6 timed out"
                    + " waiting.",
        })
final class VmextCommand implements Runnable {
    private final Surroundings world;

    VmextCommand(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }
}
