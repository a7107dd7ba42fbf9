package dev.vmext.cli;

import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.InstallationView.CauseView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.ExitCode;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs something once on a machine and shows what it writes. */
@Command(
        name = "run",
        description =
                "Run a command or script once on a machine, as root unless told otherwise, and show what it writes.",
        mixinStandardHelpOptions = true,
        synopsisHeading = "",
        customSynopsis = {
            "Usage: vmext run [OPTIONS] MACHINE -- COMMAND [ARGUMENT...]",
            "       vmext run [OPTIONS] MACHINE --script FILE|-",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext run web1 -- df -h",
            "  vmext run web1 -- sh -c 'ps aux | wc -l'       words are passed on as they are; for a pipe name a shell",
            "  vmext run web1 --script fix.sh --user www-data --timeout 30m",
            "",
            "The exit code is that of the command, 255 for those above 254. When there is none: 124 stopped at its deadline,",
            "130 cancelled, 1 anything else, with the reason on standard error; 2 to 6 as for every vmext command before it began.",
            "Ctrl-C asks the machine to stop it. With --detach it goes on alone: vmext command show.",
            "A machine runs commands only in trust mode full. Each is run at most once, whatever breaks.",
            "A command has no input: it finds its standard input empty. Send data as part of a script.",
        })
final class RunCommand implements Callable<Integer> {
    private static final int DEADLINE = 124;
    private static final int CANCELLED = 130;
    private static final int LARGEST = 255;

    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", arity = "0..*", description = "Program and arguments.")
    List<String> command = List.of();

    @Option(names = "--script", paramLabel = "FILE", description = "Run this script instead; - reads standard input.")
    @Nullable String script;

    @Option(
            names = "--interpreter",
            paramLabel = "PATH",
            description = "What runs the script (default: what its #! line says, else /bin/sh).")
    @Nullable String interpreter;

    @Option(names = "--user", paramLabel = "NAME", description = "With the rights of this user (default: root).")
    @Nullable String user;

    @Option(names = "--folder", paramLabel = "PATH", description = "Current folder on the machine (default: /).")
    @Nullable String folder;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = AgeConverter.class,
            description = "Stop it after this time, for example 90s or 2h (default: 10m).")
    @Nullable Duration timeout;

    @Option(
            names = "--expire",
            paramLabel = "TIME",
            converter = AgeConverter.class,
            description = "Give up when the machine has not taken it by then (default: 1h).")
    @Nullable Duration expire;

    @Option(names = "--detach", description = "Do not wait: print its id.")
    boolean detach;

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    RunCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        String text = text();
        try (ApiClient client = global.client()) {
            String commands = global.machinePath(machine) + "/commands";
            CommandView made = client.post(
                    commands,
                    new CommandCreate(text, interpreter(text), user, folder, seconds(timeout), seconds(expire)),
                    CommandView.class);
            if (detach) {
                global.output().print(made, () -> world.out().println(made.id()));
                return 0;
            }
            return follow(client, commands + "/" + ApiClient.segment(made.id()), made.id());
        }
    }

    private int follow(ApiClient client, String path, String id) throws InterruptedException {
        boolean program = !global.output().forPeople();
        AtomicBoolean ended = new AtomicBoolean();
        Thread asksToStop = new Thread(() -> {
            if (!ended.get()) {
                cancel(client, path);
            }
        });
        Runtime.getRuntime().addShutdownHook(asksToStop);
        try {
            CommandView end = new CommandOutputReader(
                            world,
                            client,
                            path,
                            program ? world.err() : world.out(),
                            world.err(),
                            "vmext command show " + machine + " " + id + " -f")
                    .read(true, view -> remark(client, view));
            ended.set(true);
            return over(end);
        } catch (ProblemException failed) {
            // Whoever stops reading stops the command, as with a program that runs here.
            if (failed.code() == ProblemCode.OPERATION_FAILED && !ended.getAndSet(true)) {
                cancel(client, path);
            }
            throw failed;
        } finally {
            ended.set(true);
            forget(asksToStop);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException itRuns) {
            return; // Ctrl-C: it does what it is for
        }
    }

    private void cancel(ApiClient client, String path) {
        try {
            client.post(path + "/cancel", null, CommandView.class);
            world.err().println("vmext: asked " + machine + " to stop the command");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ProblemException e) {
            world.err().println("vmext: cannot stop the command: " + e.detail());
        }
    }

    /** A machine that is online takes it in a moment; nothing needs to be said about that. */
    private void remark(ApiClient client, CommandView view) {
        if (!view.state().equals("waiting-machine") || view.cancelling()) {
            return;
        }
        try {
            String state =
                    client.get(global.machinePath(machine), MachineView.class).state();
            if (!state.equals("online")) {
                world.err()
                        .println("vmext: " + machine + " is " + state + "; waiting for it until "
                                + view.expiresAt().truncatedTo(ChronoUnit.SECONDS) + ", Ctrl-C gives up");
            }
        } catch (ProblemException notNow) {
            return; // it is only a remark
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int over(CommandView end) {
        PrintStream err = world.err();
        if (end.truncated()) {
            err.println("vmext: it wrote more than is kept; the rest is lost");
        }
        CauseView cause = end.cause();
        if (cause != null) {
            err.println("vmext: " + end.state() + ": " + Table.clean(cause.message()));
            if (!cause.hint().isEmpty()) {
                err.println("  " + Table.clean(cause.hint()));
            }
        }
        if (!global.output().forPeople()) {
            global.output().print(end, () -> {});
        }
        Integer code = end.exitCode();
        if (code != null) {
            return code < 0 || code > LARGEST ? LARGEST : code;
        }
        return switch (end.state()) {
            case "timed-out" -> DEADLINE;
            case "cancelled" -> CANCELLED;
            case "refused" -> ExitCode.REFUSED.number();
            case "expired" -> ExitCode.TIMED_OUT.number();
            default -> ExitCode.FAILED.number();
        };
    }

    private static @Nullable Integer seconds(@Nullable Duration time) {
        return time == null ? null : Math.toIntExact(time.toSeconds());
    }

    private String text() {
        String file = script;
        if (file == null && command.isEmpty()) {
            throw wrong("there is nothing to run");
        }
        if (file == null) {
            return line(command);
        }
        if (!command.isEmpty()) {
            throw wrong("there is a script and a command");
        }
        return TextFile.readOrInput(file, world);
    }

    private @Nullable String interpreter(String text) {
        if (interpreter != null || script == null || !text.startsWith("#!/")) {
            return interpreter;
        }
        String line = text.lines().findFirst().orElse("").substring(2).strip();
        // With an argument in it, the machine's kernel is the one that knows how to read it: env begins the file
        // itself.
        return line.indexOf(' ') < 0 && line.indexOf('\t') < 0 ? line : "/usr/bin/env";
    }

    /** Words as they are: nothing in them means anything to the shell that passes them on. */
    static String line(List<String> words) {
        StringBuilder line = new StringBuilder("exec");
        for (String word : words) {
            line.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        return line.append('\n').toString();
    }

    private static ProblemException wrong(String why) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot run the command: " + why,
                "Say vmext run MACHINE -- COMMAND, or vmext run MACHINE --script FILE.");
    }
}
