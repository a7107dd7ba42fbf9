package dev.vmext.cli;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.protocol.problem.ExitCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine;

/** Builds the command tree and maps what goes wrong to a message and an exit code, in one place. */
final class CommandLines {
    private CommandLines() {}

    static int run(Surroundings world, String... args) {
        CommandLine line = build(world);
        return line.execute(args);
    }

    static CommandLine build(Surroundings world) {
        CommandLine line = new CommandLine(new VmextCommand(world), new Commands(world));
        line.setOut(new PrintWriter(world.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(world.err(), true, StandardCharsets.UTF_8));
        line.registerConverter(Duration.class, new AgeConverter());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpAutoWidth(true);
        line.setExecutionExceptionHandler((e, command, parsed) -> explain(world, e));
        line.setParameterExceptionHandler((e, args) -> {
            // picocli says the word twice when a value is not of the form KEY=VALUE.
            world.err().println("vmext: " + String.valueOf(e.getMessage()).replace("option option", "option"));
            if (e.getCommandLine().getCommand() instanceof RunCommand
                    && e instanceof CommandLine.UnmatchedArgumentException) {
                world.err().println("  What belongs to the command comes after --: vmext run MACHINE -- ls -l");
                return ExitCode.USAGE.number();
            }
            if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, world.err())) {
                world.err()
                        .println("  See: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            }
            return ExitCode.USAGE.number();
        });
        return line;
    }

    /** Says what went wrong and what to do; a bug shows its stack, an expected failure never does. */
    private static int explain(Surroundings world, Exception e) throws Exception {
        return switch (e) {
            case ProblemException problem ->
                said(
                        world,
                        problem.detail(),
                        problem.hint(),
                        problem.code().wire(),
                        problem.code().exitCode());
            case PackageException problem ->
                said(world, problem.detail(), problem.hint(), word(problem.kind()), ExitCode.REFUSED);
            case InterruptedException interrupted -> {
                world.err().println("vmext: interrupted");
                yield ExitCode.FAILED.number();
            }
            default -> throw e;
        };
    }

    private static String word(PackageProblem kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static int said(Surroundings world, String detail, String hint, String code, ExitCode exit) {
        world.err().println("vmext: " + detail);
        if (!hint.isEmpty()) {
            world.err().println("  " + hint.replace("\n", "\n  "));
        }
        world.err().println("  (" + code + ")");
        return exit.number();
    }
}
