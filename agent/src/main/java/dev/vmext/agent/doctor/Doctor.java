package dev.vmext.agent.doctor;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.host.ForeignLocks;
import dev.vmext.agent.host.HostState;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.protocol.status.CauseClass;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Runs all checks, one after the other; takes up to half a minute when a gateway does not answer. No state; any thread. */
public final class Doctor {
    private final Places places;
    private final InstantSource clock;
    private final HostState host;
    private final ForeignLocks locks;
    private final boolean root;
    private final UnaryOperator<String> redact;

    /**
     * @param root whether this process may see everything
     * @param redact takes secrets out of texts
     */
    public Doctor(
            Places places,
            InstantSource clock,
            HostState host,
            ForeignLocks locks,
            boolean root,
            UnaryOperator<String> redact) {
        this.places = places;
        this.clock = clock;
        this.host = host;
        this.locks = locks;
        this.root = root;
        this.redact = redact;
    }

    /** Everything, in the order in which one thing needs the other. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        if (!root) {
            findings.add(Finding.unseen(
                    "root",
                    "not root: identity, journal, settings and the running agent cannot be looked at",
                    "run it with sudo to see everything"));
        }
        OwnFiles files = new OwnFiles(places, clock, root);
        findings.addAll(files.examine());
        try {
            AgentConfig config = AgentConfig.read(places.agentFile());
            findings.addAll(new Gateways(config, clock, places).examine());
        } catch (ProblemException told) {
            findings.add(Finding.unseen("gateway", "no gateway is known without a configuration", ""));
        }
        findings.addAll(new HostChecks(places, host, locks).examine());
        findings.addAll(new Installations(places, root).examine());
        return findings.stream().map(this::redacted).toList();
    }

    private Finding redacted(Finding finding) {
        return new Finding(
                finding.check(),
                finding.verdict(),
                finding.kind(),
                redact.apply(finding.message()),
                redact.apply(finding.hint()));
    }

    /** All lines and one that sums up. */
    public static String text(List<Finding> findings) {
        StringBuilder out = new StringBuilder();
        int failed = 0;
        int warned = 0;
        for (Finding finding : findings) {
            out.append(finding.line()).append('\n');
            failed += finding.verdict() == Finding.Verdict.FAIL ? 1 : 0;
            warned += finding.verdict() == Finding.Verdict.WARN ? 1 : 0;
        }
        return out.append(findings.size())
                .append(" checks, ")
                .append(failed)
                .append(" failed, ")
                .append(warned)
                .append(" with a warning\n")
                .toString();
    }

    public static boolean well(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.verdict() == Finding.Verdict.FAIL);
    }

    /** What a failure says; those of the file system have a path for a message, and the kind says what is the matter with it. */
    public static String text(Throwable thrown) {
        String message = thrown.getMessage();
        if (thrown instanceof AccessDeniedException) {
            return "no permission for " + message;
        }
        if (thrown instanceof NoSuchFileException) {
            return message + " does not exist";
        }
        return message == null ? thrown.getClass().getSimpleName() : message;
    }

    /** A check that broke is told, not hidden. */
    static Finding broken(String check, Exception thrown) {
        return Finding.warn(check, CauseClass.AGENT, "cannot be checked: " + text(thrown), "report it");
    }
}
