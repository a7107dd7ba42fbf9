package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.link.LinkListener;
import dev.vmext.agent.link.LinkSources;
import dev.vmext.agent.link.ServerLink;
import dev.vmext.protocol.goal.GoalOffer;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Connects once, right after an enrolment was written down, so that whoever typed it sees at once whether it works. One thread. */
final class FirstContact {
    private final Places places;
    private final AgentConfig config;
    private final ServerLink.World world;

    FirstContact(Places places, AgentConfig config, ServerLink.World world) {
        this.places = places;
        this.config = config;
        this.world = world;
    }

    /** How it went. */
    sealed interface Result {
        /** The machine has its certificate; the token is used up. */
        record Enrolled() implements Result {}

        /**
         * Not now.
         *
         * @param lasting whether trying again would not help
         */
        record Failed(String why, boolean lasting) implements Result {}
    }

    /** Enrols, or answers with the first thing that goes wrong. */
    Result make(String agentVersion, String trustMode, Duration atMost) throws IOException, InterruptedException {
        CompletableFuture<Result> result = new CompletableFuture<>();
        Places.makePrivate(places.identity());
        ServerLink link = new ServerLink(
                config.gateways(),
                config.caDigest(),
                places.identity(),
                places.handlers(),
                new Heard(result),
                new Machine(agentVersion, trustMode),
                world);
        Thread thread = Thread.ofVirtual().name("first-contact").start(() -> {
            try {
                link.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        try {
            return result.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new Result.Failed(link.describe() + " after " + atMost.toSeconds() + " s", false);
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes it exceptionally", e);
        } finally {
            link.stop();
            thread.join();
        }
    }

    private record Heard(CompletableFuture<Result> result) implements LinkListener {
        @Override
        public void connected() {
            result.complete(new Result.Enrolled());
        }

        @Override
        public void failed(String why, boolean lasting) {
            result.complete(new Result.Failed(why, lasting));
        }

        @Override
        public void goal(GoalOffer offer) {
            // The agent asks for it again when it runs.
        }

        @Override
        public void statusesWanted() {
            // There are none yet.
        }
    }

    private final class Machine implements LinkSources {
        private final String agentVersion;
        private final String trustMode;

        private Machine(String agentVersion, String trustMode) {
            this.agentVersion = agentVersion;
            this.trustMode = trustMode;
        }

        @Override
        public Map<String, String> facts() {
            return MachineFactsReader.read(agentVersion, trustMode, System.getProperty("os.arch", ""));
        }

        @Override
        public Optional<String> token() {
            try {
                return Files.exists(places.enrolmentFile())
                        ? Optional.of(AgentConfig.readToken(places.enrolmentFile()))
                        : Optional.empty();
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        public void enrolled() {
            try {
                Files.deleteIfExists(places.enrolmentFile());
            } catch (IOException stillThere) {
                return; // the agent deletes it when it connects
            }
        }

        @Override
        public LogTail log(int bytes) {
            return new LogTail("", false);
        }
    }
}
