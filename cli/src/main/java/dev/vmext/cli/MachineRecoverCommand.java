package dev.vmext.cli;

import dev.vmext.protocol.api.MachineRecover;
import dev.vmext.protocol.api.MachineView;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a lost machine back. */
@Command(
        name = "recover",
        description = {
            "A lost machine comes back as a new virtual machine: its labels, its installations with all settings, its"
                    + " data.",
            "Under its own name the old one is not let in again. Under another name there are two.",
            "From a backup, an installation recover-NAME of vmext.Restore on it brings the data back; its report stays until it is"
                    + " uninstalled.",
            "Example: vmext machine recover db1 --as db2 --wait"
        },
        mixinStandardHelpOptions = true)
final class MachineRecoverCommand extends MachineCommand {
    @Parameters(index = "0", paramLabel = "LOST")
    String lost = "";

    @Option(names = "--as", paramLabel = "NEW", description = "Name of the new machine; its own when left away.")
    @Nullable String as;

    @Option(
            names = "--from",
            paramLabel = "WHAT",
            description =
                    "snapshot, backup or nothing; when left away, the newest good snapshot if there is one, else its backups.")
    @Nullable String from;

    @Option(names = "--snapshot", paramLabel = "ID", description = "This one, not the newest good one.")
    @Nullable String snapshot;

    @Mixin
    InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

    MachineRecoverCommand(Surroundings world) {
        super(world);
    }

    @Override
    void run(ApiClient client) throws InterruptedException {
        MachineView view = client.post(
                global.machinePath(lost) + "/recover", new MachineRecover(as, from, snapshot), MachineView.class);
        Output output = global.output();
        if (wait.wait) {
            new MachineProgress(world, client, output.remarks())
                    .untilHealthy(global.machinePath(view.name()), wait.timeout);
            view = client.get(global.machinePath(view.name()), MachineView.class);
        }
        MachineView last = view;
        output.print(last, () -> MachineSheet.print(world, last));
    }
}
