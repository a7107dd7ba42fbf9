package dev.vmext.agent;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.link.LinkSources;
import dev.vmext.agent.log.AgentLog;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Optional;

/** What the link asks this machine: who it is, the token to enrol with, its log. Any thread. */
final class ThisMachine implements LinkSources {
    private static final System.Logger LOG = System.getLogger(ThisMachine.class.getName());

    private final Places places;
    private final Secrets secrets;
    private final AgentLog log;
    private final double deadlineStretch;

    ThisMachine(Places places, Secrets secrets, AgentLog log, double deadlineStretch) {
        this.places = places;
        this.secrets = secrets;
        this.log = log;
        this.deadlineStretch = deadlineStretch;
    }

    @Override
    public Map<String, String> facts() {
        TrustMode mode =
                ModeInForce.of(() -> TrustFile.read(places.trustFile())).mode();
        return MachineFactsReader.read(Main.version(), mode.text(), System.getProperty("os.arch", ""), deadlineStretch);
    }

    @Override
    public Optional<String> token() {
        if (!Files.exists(places.enrolmentFile())) {
            return Optional.empty();
        }
        try {
            String token = AgentConfig.readToken(places.enrolmentFile());
            secrets.learnValue(token);
            return Optional.of(token);
        } catch (IOException | RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot use the enrolment file: {0}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void enrolled() {
        try {
            if (Files.deleteIfExists(places.enrolmentFile())) {
                LOG.log(System.Logger.Level.INFO, "Enrolled; the token is deleted");
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete the used enrolment token: {0}", e.getMessage());
        }
    }

    @Override
    public LogTail log(int bytes) {
        try {
            return new LogTail(log.tail(bytes), log.hasMoreThan(bytes));
        } catch (IOException e) {
            return new LogTail("cannot read the agent's log: " + e.getMessage(), false);
        }
    }
}
