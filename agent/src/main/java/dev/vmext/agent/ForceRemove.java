package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.journal.FileJournal;
import dev.vmext.agent.journal.JournalLock;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.process.Pause;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.protocol.problem.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * {@code vmext-agent force-remove NAME}: the machine's owner takes an installation away. The running agent does it; when none runs, this
 * process does, on the agent's journal. Waits until it is done.
 */
final class ForceRemove {
    private static final Duration BETWEEN = Duration.ofMillis(500);

    private final Places places;
    private final Path home;
    private final Pause pause;
    private final PrintStream out;

    ForceRemove(Places places, Path home, Pause pause, PrintStream out) {
        this.places = places;
        this.home = home;
        this.pause = pause;
        this.out = out;
    }

    ExitCode run(String name) throws IOException, InterruptedException {
        String answer;
        try {
            answer = ask(name);
        } catch (IOException nobodyAnswers) {
            return withoutAgent(name);
        }
        boolean begun = false;
        String shown = "";
        while (answer.startsWith("under way")) {
            begun = true;
            if (!answer.equals(shown)) {
                out.print(answer);
                shown = answer;
            }
            pause.forTime(BETWEEN);
            answer = ask(name);
        }
        boolean unknown = answer.startsWith("there is no");
        // Gone from the agent's memory after it was under way: no goal names it any more.
        out.print(unknown && begun ? "removed: " + name + "\n" : answer);
        boolean done = answer.startsWith("removed") || (unknown && begun);
        return done ? ExitCode.OK : unknown ? ExitCode.NOT_FOUND : ExitCode.FAILED;
    }

    private String ask(String name) throws IOException {
        return ControlSocket.ask(places.socket(), ControlAnswers.FORCE_REMOVE + name);
    }

    private ExitCode withoutAgent(String name) throws IOException {
        if (!Files.isDirectory(places.journal())) {
            out.println("there is no installation " + name + " on this machine: no agent ever ran here");
            return ExitCode.NOT_FOUND;
        }
        out.println("no agent answers at " + places.socket() + "; doing it without");
        Secrets secrets = new Secrets();
        new AgentLog(places.log(), System.err, secrets::redact).takeOver();
        double stretch = Files.exists(places.agentFile())
                ? AgentConfig.read(places.agentFile()).deadlineStretch()
                : 1;
        try (JournalLock _ = JournalLock.take(places.journal());
                FileJournal journal = new FileJournal(places.journal())) {
            if (!journal.entries().containsKey(name)) {
                out.println("there is no installation " + name + " on this machine");
                return ExitCode.NOT_FOUND;
            }
            out.println(HandlerWiring.offline(places, home, secrets, journal, stretch)
                    .remove(name));
            return ExitCode.OK;
        }
    }
}
