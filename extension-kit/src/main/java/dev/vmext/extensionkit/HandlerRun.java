package dev.vmext.extensionkit;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One run of one command: reads the surroundings, calls the {@link Handler}, writes the status, answers with the exit code.
 * Extensions start it through {@link HandlerMain}; tests start it directly with surroundings of their own. One thread.
 */
public final class HandlerRun {
    private final Handler handler;
    private final Surroundings surroundings;

    /** Everything a run takes from its process, so that a test can give it something else. */
    public record Surroundings(
            Map<String, String> variables,
            Path workingFolder,
            long pid,
            InstantSource clock,
            PrintStream standardError) {
        public Surroundings {
            variables = Map.copyOf(variables);
        }
    }

    public HandlerRun(Handler handler, Surroundings surroundings) {
        this.handler = handler;
        this.surroundings = surroundings;
    }

    public int run(List<String> arguments) {
        Optional<Command> command = arguments.size() == 1 ? Command.find(arguments.getFirst()) : Optional.empty();
        if (command.isEmpty()) {
            surroundings.standardError().println("usage: handler install|enable|update|disable|uninstall");
            return ExitCode.USAGE;
        }
        HandlerContext context;
        try {
            context = context(command.get());
        } catch (HandlerException e) {
            surroundings.standardError().println(e.fullText());
            return e.exitCode();
        }
        context.log().info("begins");
        try {
            perform(context);
            context.log().info("done");
            return ExitCode.OK;
        } catch (HandlerException e) {
            return failed(context, e);
        } catch (RuntimeException e) {
            HandlerException fault = new HandlerException(
                    ExitCode.FAULT,
                    "cannot " + command.get().word() + ": fault in the handler: " + e,
                    "This is a defect of the extension; please report it with its log.",
                    e);
            for (StackTraceElement frame : e.getStackTrace()) {
                context.log().warning("  at " + frame);
            }
            return failed(context, fault);
        }
    }

    private HandlerContext context(Command command) {
        String named = surroundings.variables().getOrDefault("AZURE_GUEST_AGENT_EXTENSION_PATH", "");
        Path base = named.isEmpty() ? surroundings.workingFolder() : Path.of(named);
        HandlerEnvironment environment =
                HandlerEnvironment.read(base.toAbsolutePath().normalize());
        String number = surroundings.variables().getOrDefault("ConfigSequenceNumber", "-");
        String about = "%s %s %s"
                .formatted(environment.installation(), command.word(), number.matches("[0-9]+") ? number : "-");
        HandlerLog log =
                new HandlerLog(environment.logFolder(), about, surroundings.clock(), surroundings.standardError());
        Events events = new Events(environment, surroundings.variables(), surroundings.pid(), surroundings.clock());
        Findings findings = new Findings(
                environment.eventsFolder(),
                environment.installation(),
                surroundings.variables().getOrDefault("AZURE_GUEST_AGENT_EXTENSION_VERSION", "0"),
                surroundings.pid(),
                surroundings.clock(),
                log::warning);
        return new HandlerContext(
                command, environment, surroundings.variables(), surroundings.clock(), log, events, findings);
    }

    private void perform(HandlerContext context) {
        switch (context.command()) {
            case INSTALL -> handler.install(context);
            case UPDATE -> handler.update(context);
            case DISABLE -> handler.disable(context);
            case UNINSTALL -> handler.uninstall(context);
            case ENABLE -> {
                Status status = handler.enable(context);
                if (status.level() == Status.Level.WARNING) {
                    throw new IllegalStateException("enable answered with a warning, which agents cannot wait for");
                }
                context.finish(status);
                context.log().info(status.level().word() + ": " + status.message());
            }
        }
    }

    /** A command that failed says so in the status file too: an agent shows that text before any exit code. */
    private static int failed(HandlerContext context, HandlerException e) {
        context.log().error(e.fullText());
        boolean removing = context.command() == Command.UNINSTALL || context.command() == Command.DISABLE;
        if (!removing && Files.isDirectory(context.environment().statusFolder())) {
            try {
                context.write(Status.error(e.exitCode(), e.fullText()));
            } catch (HandlerException status) {
                context.log().error(status.fullText());
            }
        }
        return e.exitCode();
    }
}
