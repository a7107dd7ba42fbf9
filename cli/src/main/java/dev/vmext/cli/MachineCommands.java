package dev.vmext.cli;

import dev.vmext.protocol.api.BundleFile;
import dev.vmext.protocol.api.EnrolmentCreate;
import dev.vmext.protocol.api.EnrolmentView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.Problem;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Machines: made here or brought in. */
@Command(
        name = "machine",
        description = "Machines: create, enrol, look at, delete.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MachineCommands.ListAll.class,
            MachineCommands.Show.class,
            MachineCommands.Create.class,
            MachineCommands.Start.class,
            MachineCommands.Stop.class,
            MachineCommands.Delete.class,
            ForgetCommands.Machine.class,
            ForgetCommands.Removals.class,
            MachineCommands.Logs.class,
            MachineCommands.Bundle.class,
            MachineCommands.EnrollCommand.class,
        })
final class MachineCommands implements Runnable {
    private final Surroundings world;

    MachineCommands(Surroundings world) {
        this.world = world;
    }

    @Override
    public void run() {
        CommandLine.usage(new CommandLine(this, new Commands(world)), world.out());
    }

    /** What every machine command has. */
    abstract static class MachineCommand implements Callable<Integer> {
        @Mixin
        GlobalOptions global;

        final Surroundings world;

        MachineCommand(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public final Integer call() throws InterruptedException {
            try (ApiClient client = global.client()) {
                run(client);
                return 0;
            }
        }

        abstract void run(ApiClient client) throws InterruptedException;
    }

    /** All machines. */
    @Command(name = "list", description = "All machines of the project.", mixinStandardHelpOptions = true)
    static final class ListAll extends MachineCommand {
        ListAll(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            List<MachineView> all = client.list(global.projectPath() + "/machines", MachineView.class);
            global.output().print(all, () -> {
                if (all.isEmpty()) {
                    world.out()
                            .println(
                                    "There are no machines. Make one: vmext machine create NAME; or bring one in: vmext machine enroll-command NAME");
                } else {
                    table(all, world).print(world.out());
                }
            });
        }
    }

    /** One machine. */
    @Command(
            name = "show",
            description = "One machine with its facts and installations.",
            mixinStandardHelpOptions = true)
    static final class Show extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Show(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.get(global.machinePath(machine), MachineView.class);
            List<InstallationView> installations =
                    client.list(global.machinePath(machine) + "/installations", InstallationView.class);
            global.output().print(Map.of("machine", view, "installations", installations), () -> {
                print(world, view);
                if (!installations.isEmpty()) {
                    world.out().println();
                    InstallationCommands.table(installations, world.clock().instant())
                            .print(world.out());
                }
                ForgetCommands.unmanaged(view.unmanaged(), world.clock().instant())
                        .ifPresent(table -> {
                            world.out().println();
                            table.print(world.out());
                        });
            });
        }
    }

    /** Makes a machine. */
    @Command(
            name = "create",
            description =
                    "Make a virtual machine on this host, with the extensions it should have from its first minute.",
            mixinStandardHelpOptions = true,
            footerHeading = "%nExamples:%n",
            footer = {
                "  vmext machine create web1 --install vmext.Firewall --set firewall.defaultInbound=drop",
                "  vmext machine create web2 --install fw=vmext.Firewall --memory 1024 --wait",
                "  vmext machine create web3 --file web3.json        the whole request as in the API's MachineCreate",
            })
    static final class Create extends MachineCommand {
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

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "The request as JSON; the other options change it.")
        @Nullable String file;

        @Mixin
        InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

        Create(Surroundings world) {
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
                print(world, last);
                if (!wait.wait) {
                    world.out().println("  Follow it: vmext machine show " + last.name());
                }
            });
        }
    }

    /** Powers a machine on. */
    @Command(
            name = "start",
            description = "Power a machine on, or try again to make one that could not be made.",
            mixinStandardHelpOptions = true)
    static final class Start extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Start(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.post(global.machinePath(machine) + "/start", null, MachineView.class);
            global.output().print(view, () -> print(world, view));
        }
    }

    /** Powers a machine off. */
    @Command(
            name = "stop",
            description = "Shut a machine down. What is wanted for it is kept and done when it is back.",
            mixinStandardHelpOptions = true)
    static final class Stop extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        Stop(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            MachineView view = client.post(global.machinePath(machine) + "/stop", null, MachineView.class);
            global.output().print(view, () -> print(world, view));
        }
    }

    /** Deletes a machine. */
    @Command(
            name = "delete",
            description =
                    "Delete a machine. One made here loses its disk; one brought in is forgotten and its certificate revoked.",
            mixinStandardHelpOptions = true)
    static final class Delete extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Mixin
        InstallCommand.WaitOptions wait = new InstallCommand.WaitOptions();

        Delete(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            client.delete(global.machinePath(machine));
            Output output = global.output();
            if (wait.wait) {
                new MachineProgress(world, client, output.remarks())
                        .untilGone(global.machinePath(machine), wait.timeout);
            }
            String state = wait.wait ? "deleted" : "deleting";
            output.print(
                    Map.of("name", machine, "state", state), () -> world.out().println(machine + ": " + state));
        }
    }

    /** What a machine wrote. */
    @Command(
            name = "logs",
            description = "The end of a machine's serial console or of its agent's log.",
            mixinStandardHelpOptions = true)
    static final class Logs extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Option(
                names = "--source",
                paramLabel = "SOURCE",
                defaultValue = "agent",
                description =
                        "agent (the machine must be online) or console (machines made here) (default: ${DEFAULT-VALUE}).")
        String source = "agent";

        @Option(
                names = "--tail",
                paramLabel = "BYTES",
                defaultValue = "16384",
                description = "How much of the end (default: ${DEFAULT-VALUE}).")
        int tail = 16384;

        @Option(
                names = {"-f", "--follow"},
                description = "Go on as the agent's log grows, until Ctrl-C.")
        boolean follow;

        Logs(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            String path = global.machinePath(machine) + "/logs?source=" + ApiClient.segment(source) + "&tail=" + tail;
            LogReader reader = new LogReader(world, client, global);
            if (follow) {
                reader.follow(path + "&follow=true");
            } else {
                reader.show(path);
            }
        }
    }

    /** What somebody else needs to look at it. */
    @Command(
            name = "bundle",
            description =
                    "Fetch a machine's diagnostic bundle: logs, states and findings, without secrets. It must be online.",
            mixinStandardHelpOptions = true)
    static final class Bundle extends MachineCommand {
        @Parameters(index = "0", paramLabel = "MACHINE")
        String machine = "";

        @Option(
                names = "--output-file",
                paramLabel = "FILE",
                description = "Where to write it (default: vmext-bundle-MACHINE.zip here).")
        @Nullable Path file;

        Bundle(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            BundleFile bundle = client.get(global.machinePath(machine) + "/bundle", BundleFile.class);
            Path chosen = file;
            Path target = chosen == null ? Path.of("vmext-bundle-" + machine + ".zip") : chosen;
            try {
                Files.write(target, Base64.getDecoder().decode(bundle.zip()));
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
            } catch (IOException e) {
                throw new ProblemException(
                        ProblemCode.FILE_UNREADABLE,
                        "cannot write " + target + ": " + e.getMessage(),
                        "Choose another file with --output-file.",
                        e);
            }
            global.output()
                    .print(Map.of("file", target.toString()), () -> world.out().println("Wrote " + target));
        }
    }

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
    static final class EnrollCommand extends MachineCommand {
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

        EnrollCommand(Surroundings world) {
            super(world);
        }

        @Override
        void run(ApiClient client) throws InterruptedException {
            EnrolmentView view = client.post(
                    global.projectPath() + "/enrolments",
                    new EnrolmentCreate(
                            machine,
                            ttl == null ? null : ttl.toSeconds(),
                            trust == null ? null : readFile(trust),
                            mode,
                            gateway,
                            labels.isEmpty() ? null : labels,
                            null),
                    EnrolmentView.class);
            global.output().print(view, () -> {
                PrintStream out = world.out();
                out.println("# Run this once as root on the machine; the token in it works until " + view.expiresAt()
                        + ":");
                out.println(view.command());
                out.println();
                out.println("# Or give a new machine this cloud-init user-data:");
                out.println(view.cloudInit().stripTrailing());
            });
        }
    }

    static String readFile(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw Json.unreadable(Path.of(file), e);
        }
    }

    static ProblemException notAMachine(String what, String why) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot create the machine: " + what + " " + why,
                "See 'vmext machine create --help'.");
    }

    static Table table(List<MachineView> all, Surroundings world) {
        Table table = new Table("MACHINE", "STATE", "PROVIDER", "SYSTEM", "AGENT", "HEALTHY", "LAST SEEN", "WHAT");
        for (MachineView view : all) {
            table.row(
                    view.name(),
                    view.state(),
                    view.provider(),
                    system(view),
                    view.facts().getOrDefault("agentVersion", "-"),
                    view.healthyInstallations() + "/" + view.installations(),
                    Ages.ago(view.lastSeen(), world.clock().instant()),
                    what(view));
        }
        return table;
    }

    private static String system(MachineView view) {
        String os = view.facts().getOrDefault("distro", view.facts().getOrDefault("os", ""));
        return os.isEmpty() ? "-" : (os + " " + view.facts().getOrDefault("osVersion", "")).strip();
    }

    private static String what(MachineView view) {
        String message = view.message();
        Integer progress = view.progress();
        String text = message == null ? "" : message;
        return progress == null ? text : text + " " + progress + "%";
    }

    static void print(Surroundings world, MachineView view) {
        PrintStream out = world.out();
        out.println(
                view.name() + ": " + view.state() + (what(view).isBlank() ? "" : " (" + Table.clean(what(view)) + ")"));
        Problem problem = view.problem();
        if (problem != null) {
            out.println("  problem    " + Table.clean(problem.detail()) + " (" + problem.code() + ")");
            out.println("  what to do " + Table.clean(problem.hint()));
        }
        out.println("  id         " + view.id());
        out.println("  provider   " + view.provider() + (view.power() == null ? "" : ", " + view.power()));
        if (view.cpus() != null || view.memoryMiB() != null) {
            out.println("  hardware   " + view.cpus() + " CPUs, " + view.memoryMiB() + " MiB memory, " + view.diskGiB()
                    + " GiB disk");
        }
        if (!view.labels().isEmpty()) {
            out.println("  labels     " + Table.clean(view.labels().toString()));
        }
        view.facts().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> out.println("  " + pad(Table.clean(e.getKey())) + " " + Table.clean(e.getValue())));
        out.println(
                "  goal       generation " + view.goalGeneration() + ", the machine has " + view.appliedGeneration());
        out.println("  last seen  " + Ages.ago(view.lastSeen(), world.clock().instant()));
    }

    private static String pad(String text) {
        return text.length() >= 10 ? text : text + " ".repeat(10 - text.length());
    }
}
