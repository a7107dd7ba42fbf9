package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.config.PrivateFile;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.process.Pause;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.train.EnrollingScript;
import dev.vmext.agent.train.LoopbackAuthority;
import dev.vmext.agent.train.LoopbackGateway;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.Digest;
import dev.vmext.protocol.goal.GoalState;
import dev.vmext.protocol.opamp.AgentToServer;
import dev.vmext.protocol.opamp.CustomMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Runs the whole agent against a control plane on the loopback address until it is enrolled, connected and has published its settings
 * key: what it loads meanwhile goes into the start-up cache that the build ships. Main calls it, on its thread.
 */
final class Training {
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofMillis(50);

    private Training() {}

    /**
     * Runs until everything was seen once.
     *
     * @param home as for {@link Wiring}
     */
    static void run(Path home, InstantSource clock, Pause pause, SecureRandom random)
            throws IOException, InterruptedException {
        Path root = Files.createTempDirectory("vmext-train");
        Instant now = clock.instant();
        try {
            LoopbackAuthority authority = new LoopbackAuthority(now, random);
            EnrollingScript script = new EnrollingScript(
                    authority,
                    new UUID(random.nextLong(), random.nextLong()),
                    new GoalState(1, List.of(), Map.of()),
                    1);
            try (LoopbackGateway gateway = new LoopbackGateway(authority, script)) {
                Places places = new Places(root);
                configure(
                        places,
                        gateway.address(),
                        Digest.of(authority.certificate().getEncoded()));
                Secrets secrets = new Secrets();
                AgentLog log = new AgentLog(places.log(), System.err, secrets::redact);
                log.takeOver();
                Wiring wiring = new Wiring(places, home, secrets, log);
                Thread agent = Thread.ofPlatform().daemon().start(() -> {
                    try {
                        wiring.run();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                while (script.heard().stream().noneMatch(Training::publishesKey)) {
                    if (clock.instant().isAfter(now.plus(LONGEST))) {
                        throw new IOException("the agent did not connect to the loopback control plane");
                    }
                    pause.forTime(LOOK);
                }
                wiring.stop();
                agent.join(LONGEST);
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot set up the loopback control plane: " + e.getMessage(), e);
        } finally {
            Folders.delete(root);
        }
    }

    private static void configure(Places places, String gateway, Digest authority) throws IOException {
        Files.createDirectories(places.agentFile().resolveSibling(""));
        Files.write(places.agentFile(), new AgentConfig(List.of(gateway), authority, 1).toJson());
        TrustFile.write(places.trustFile(), new TrustPolicy(TrustMode.FULL, List.of()));
        PrivateFile.write(places.enrolmentFile(), AgentConfig.tokenFile(EnrollingScript.TOKEN));
    }

    private static boolean publishesKey(AgentToServer message) {
        CustomMessage custom = message.customMessage();
        return custom != null && custom.capability().equals(CustomCapability.KEYS);
    }
}
