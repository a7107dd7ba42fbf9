package dev.vmext.agent.process;

import dev.vmext.agent.process.testing.FakeProcesses;
import dev.vmext.agent.process.testing.FakeProcesses.Behaviour;

class FakeProcessesTest extends ProcessesContract {
    private final FakeProcesses processes = new FakeProcesses(command -> switch (command.text()) {
        case "exit 3" -> new Behaviour.Ends(3, "");
        case "echo hello" -> new Behaviour.Ends(0, "hello\n");
        default -> new Behaviour.RunsUntilKilled();
    });

    @Override
    Processes processes() {
        return processes;
    }
}
