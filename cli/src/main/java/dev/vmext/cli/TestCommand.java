package dev.vmext.cli;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.problem.ExitCode;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Rehearses an extension with the real agent, without a control plane. */
@Command(
        name = "test",
        description = {
            "Rehearse an extension: the real agent installs, enables, updates, kills and removes it in a private folder, and says what"
                    + " is wrong with it. No control plane, no signature needed.",
            "As root the handler runs in name spaces of its own, above the files of this computer and without network; else it runs on"
                    + " this computer as you."
        },
        mixinStandardHelpOptions = true)
final class TestCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FOLDER|PACKAGE", description = "The extension's folder, or its zip.")
    Path what = Path.of("");

    @Option(names = "--settings", paramLabel = "FILE", description = "Settings, a JSON object (default: {}).")
    @Nullable Path settings;

    @Option(
            names = "--new-settings",
            paramLabel = "FILE",
            description = "What the scenario settings changes to (default: the same).")
    @Nullable Path newSettings;

    @Option(names = "--protected-settings", paramLabel = "FILE", description = "Protected settings, a JSON object.")
    @Nullable Path protectedSettings;

    @Option(names = "--scenario", paramLabel = "NAME", description = "Only this scenario; may be repeated.")
    List<String> scenarios = new ArrayList<>();

    @Option(
            names = "--agent",
            paramLabel = "PATH",
            description = "The agent to use, its folder or tarball (default: the one that was built with vmext).")
    @Nullable Path agent;

    @Option(names = "--network", description = "Let the handler use this computer's network.")
    boolean network;

    @Option(names = "--here", description = "Let the handler run on this computer, also as root.")
    boolean here;

    @Option(names = "--keep", description = "Keep the folder with all logs, also when everything is good.")
    boolean keep;

    @Mixin
    PublisherCommands.LocalOptions local;

    private final Surroundings world;

    TestCommand(Surroundings world) {
        this.world = world;
        this.local = new PublisherCommands.LocalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            Path work = Files.createTempDirectory("vmext-test-");
            boolean good = false;
            RehearsalReport report = new RehearsalReport(local.output().forPeople(), world.out());
            try {
                good = rehearse(work, report);
            } finally {
                // When nothing was played there is nothing to look at.
                if (!keep && (good || report.results().isEmpty())) {
                    delete(work);
                } else {
                    local.output().remarks().println("Everything of it is in " + work);
                }
            }
            return good ? ExitCode.OK.number() : ExitCode.FAILED.number();
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot rehearse " + what + ": " + e.getMessage(),
                    "Check free space and rights of the temporary folder.",
                    e);
        }
    }

    private boolean rehearse(Path work, RehearsalReport report) throws IOException, InterruptedException {
        Path zip = work.resolve("extension.zip");
        if (Files.isDirectory(what)) {
            new PackageWriter(ArchiveLimits.standard()).pack(what, zip);
        } else {
            try (InputStream in = Files.newInputStream(what)) {
                Files.copy(in, zip);
            } catch (IOException e) {
                throw Json.unreadable(what, e);
            }
        }
        PackageIdentity identity =
                new PackageReader(ArchiveLimits.standard()).describe(zip).identity();
        AgentProgram program = AgentProgram.find(world, agent, work);
        Isolation isolation = here ? Isolation.none() : Isolation.find(work, network);
        local.output()
                .remarks()
                .println(identity + ": "
                        + (isolation.apart()
                                ? "the handler runs apart from this computer" + (network ? ", but for the network" : "")
                                : "the handler runs ON THIS COMPUTER, as " + System.getProperty("user.name")
                                        + (here ? "" : "; run it as root to keep it apart")));
        List<String> command = new ArrayList<>(isolation.command());
        command.addAll(List.of(program.file().toString(), "rehearse", "--package", zip.toString()));
        command.addAll(List.of("--root", work.resolve("machines").toString()));
        add(command, "--settings", settings);
        add(command, "--new-settings", newSettings);
        add(command, "--protected-settings", protectedSettings);
        scenarios.forEach(name -> command.addAll(List.of("--scenario", name)));
        isolation.watched().forEach(folder -> command.addAll(List.of("--watch", folder)));
        int code = program.run(command, work.resolve("agent.err"), report::line);
        if (code != ExitCode.OK.number() && !report.complete()) {
            String said = Files.readString(work.resolve("agent.err")).strip();
            if (code == ExitCode.USAGE.number()) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot rehearse " + identity + ": "
                                + said.lines()
                                        .findFirst()
                                        .orElse("")
                                        .replace("vmext-agent: cannot understand the command line: ", ""),
                        "See vmext extension test --help.");
            }
            throw new ProblemException(
                    ProblemCode.OPERATION_FAILED,
                    "cannot rehearse " + identity + ": the agent ended with code " + code + ", saying: " + said,
                    "Correct what it says, or try --here.");
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("package", identity.toString());
        answer.put("apart", isolation.apart());
        answer.put("good", code == ExitCode.OK.number());
        answer.put("results", report.results());
        local.output().print(answer, report::summary);
        return code == ExitCode.OK.number();
    }

    private static void add(List<String> command, String option, @Nullable Path file) {
        if (file != null) {
            command.addAll(List.of(option, file.toAbsolutePath().toString()));
        }
    }

    private static void delete(Path folder) throws IOException, InterruptedException {
        // rm knows how to delete what a handler made unreadable for its owner.
        int code = new ProcessBuilder("rm", "-rf", "--", folder.toString())
                .inheritIO()
                .start()
                .waitFor();
        if (code != 0) {
            throw new IOException("rm -rf " + folder + " ended with code " + code);
        }
    }
}
