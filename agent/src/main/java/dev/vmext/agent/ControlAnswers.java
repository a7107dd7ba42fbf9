package dev.vmext.agent;

import dev.vmext.agent.seal.Secrets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What the machine's owner asks on the control socket, answered by the loop. Any thread. */
final class ControlAnswers implements UnaryOperator<String> {
    /** What is asked besides {@code status}, before the name of an installation. */
    static final String FORCE_REMOVE = "force-remove ";

    private final Consumer<AgentEvent> events;
    private final Secrets secrets;

    ControlAnswers(Consumer<AgentEvent> events, Secrets secrets) {
        this.events = events;
        this.secrets = secrets;
    }

    @Override
    public String apply(String question) {
        if (question.startsWith(FORCE_REMOVE)) {
            String name = question.substring(FORCE_REMOVE.length()).strip();
            return answered(answer -> new AgentEvent.RemovalForced(name, answer), "force-remove " + name);
        }
        if (!question.equals("status")) {
            return "cannot answer \"" + question + "\": the only question is status\n";
        }
        return answered(AgentEvent.Asked::new, "tell the status");
    }

    private String answered(Function<CompletableFuture<String>, AgentEvent> event, String what) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        events.accept(event.apply(answer));
        try {
            return secrets.redact(answer.get(5, TimeUnit.SECONDS));
        } catch (TimeoutException e) {
            return "cannot " + what + ": the agent is busy; ask again\n";
        } catch (ExecutionException | InterruptedException e) {
            return "cannot " + what + ": the agent ends\n";
        }
    }
}
