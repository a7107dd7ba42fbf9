package dev.vmext.cli;

import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.EnrolmentView;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How to bring a machine in. */
@Command(
        name = "enroll-command",
        description = "Print the one line, and the cloud-init document, that bring in any other Linux machine.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext machine enroll-command db1",
            "  vmext machine enroll-command db1 --gateway vmext.example.org:4320 --mode no-scripts",
            "",
            "The line holds a one-time token and the digests of the CA and the agent, so nothing is trusted because it was",
            "downloaded. Mode full lets the control plane run scripts as root on that machine; no-scripts and observe do not.",
        })
final class MachineEnrollCommand extends MachineCommand {
    @Parameters(index = "0", paramLabel = "NAME", description = "The name the machine will have.")
    String machine = "";

    @Option(
            names = "--ttl",
            paramLabel = "TIME",
            converter = AgeConverter.class,
            description = "How long the token lives (default: 1h).")
    @Nullable Duration ttl;

    @Option(names = "--mode", paramLabel = "MODE", description = "full, no-scripts or observe (default: full).")
    @Nullable String mode;

    @Option(names = "--trust", paramLabel = "FILE", description = "The owner's trust file, instead of --mode.")
    @Nullable String trust;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            description = "The control plane's gateway as that machine reaches it.")
    @Nullable String gateway;

    @Option(names = "--label", paramLabel = "KEY=VALUE", description = "May be repeated.")
    Map<String, String> labels = Map.of();

    MachineEnrollCommand(Surroundings world) {
        super(world);
    }

    @Override
    void run(ApiClient client) throws InterruptedException {
        EnrolmentView view = client.post(
                global.projectPath() + "/enrolments",
                new EnrolmentCreate(
                        machine,
                        ttl == null ? null : ttl.toSeconds(),
                        trust == null ? null : TextFile.read(trust),
                        mode,
                        gateway,
                        labels.isEmpty() ? null : labels,
                        null),
                EnrolmentView.class);
        global.output().print(view, () -> {
            PrintStream out = world.out();
            out.println(
                    "# Run this once as root on the machine; the token in it works until " + view.expiresAt() + ":");
            out.println(view.command());
            out.println();
            out.println("# Or give a new machine this cloud-init user-data:");
            out.println(view.cloudInit().stripTrailing());
        });
    }
}
