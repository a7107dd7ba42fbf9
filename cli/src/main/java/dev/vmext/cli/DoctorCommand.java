package dev.vmext.cli;

import dev.vmext.protocol.api.Examination;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Why a machine is not well. */
@Command(
        name = "doctor",
        description =
                "Examine a machine: what the control plane knows of it, and what its agent finds out when it is online.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExit code:%n",
        footer = "  0 when nothing fails, 1 when something does. On the machine itself: vmext-agent doctor.")
final class DoctorCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    DoctorCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            Examination found = client.examine(global.machinePath(machine) + "/doctor", Examination.class);
            global.output().print(found, () -> print(found));
            String agent = found.agent();
            boolean failed =
                    found.lines().stream().anyMatch(line -> line.verdict().equals("fail"))
                            || (agent != null && agent.lines().anyMatch(line -> line.startsWith("FAIL")));
            return failed ? 1 : 0;
        }
    }

    private void print(Examination found) {
        world.out().println("The control plane:");
        for (Examination.Line line : found.lines()) {
            String word = line.verdict().equals("fail") ? "FAIL" : line.verdict();
            world.out().println("  %-7s%-14s%s".formatted(word, line.check(), Table.cleanBlock(line.message())));
            if (!line.hint().isEmpty()) {
                world.out().println(" ".repeat(23) + "-> " + Table.cleanBlock(line.hint()));
            }
        }
        String agent = found.agent();
        world.out().println();
        if (agent == null) {
            world.out().println("The agent was not heard: " + Table.cleanBlock(String.valueOf(found.agentProblem())));
        } else {
            world.out().println("The agent:");
            Table.cleanBlock(agent).lines().forEach(line -> world.out().println("  " + line));
        }
    }
}
