package dev.vmext.cli;

import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a machine. */
@Command(
        name = "create",
        description = "Make a virtual machine on this host, with the extensions it should have from its first minute.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext machine create web1 --install vmext.Firewall --set firewall.defaultInbound=drop",
            "  vmext machine create web2 --install fw=vmext.Firewall --memory 1024 --wait",
            "  vmext machine create web3 --file web3.json        the whole request as in the API's MachineCreate",
        })
final class MachineCreateCommand extends MachineCommand {
    @Parameters(index = "0", paramLabel = "NAME")
    String machine = "";

    @Option(names = "--provider", paramLabel = "NAME", description = "Who makes it (default: qemu, on this host).")
    @Nullable String provider;

    @Option(names = "--cpus", paramLabel = "N")
    @Nullable Integer cpus;

    @Option(names = "--memory", paramLabel = "MIB", description = "Memory in MiB.")
    @Nullable Integer memoryMiB;

    @Option(names = "--disk", paramLabel = "GIB", description = "Disk in GiB.")
    @Nullable Integer diskGiB;

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "May be repeated.")
    Map<String, String> labels = Map.of();

    @Option(
            names = "--trust",
            paramLabel = "FILE",
            description = "The owner's trust file (default: trusts this control plane's publisher, mode full).")
    @Nullable String trust;

    @Option(
            names = "--install",
            paramLabel = "[NAME=]EXTENSION",
            description = "An extension to install while it is provisioned. May be repeated.")
    List<String> installs = List.of();

    @Option(
            names = "--set",
            paramLabel = "NAME.KEY=VALUE",
            description = "A setting of the installation NAME. May be repeated.")
    List<String> assignments = List.of();

    @Option(names = "--file", paramLabel = "FILE", description = "The request as JSON; the other options change it.")
    @Nullable String file;

    @Mixin
    InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

    MachineCreateCommand(Surroundings world) {
        super(world);
    }

    @Override
    void run(ApiClient client) throws InterruptedException {
        MachineCreate request = new MachineRequests(client)
                .build(machine, file, provider, cpus, memoryMiB, diskGiB, labels, trust, installs, assignments);
        MachineView view = client.post(global.projectPath() + "/machines", request, MachineView.class);
        Output output = global.output();
        if (wait.wait) {
            MachineProgress progress = new MachineProgress(world, client, output.remarks());
            progress.untilHealthy(global.machinePath(machine), wait.timeout);
            view = client.get(global.machinePath(machine), MachineView.class);
        }
        MachineView last = view;
        output.print(last, () -> {
            MachineSheet.print(world, last);
            if (!wait.wait) {
                world.out().println("  Follow it: vmext machine show " + last.name());
            }
        });
    }
}
