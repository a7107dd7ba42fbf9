package dev.vmext.protocol.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known about why a machine is or is not well: what the control plane sees, and what the machine says about itself.
 *
 * @param lines what the control plane sees, the worst not first but in the order of the way to the machine
 * @param agent the agent's own findings as text, null when it was not asked or did not answer
 * @param agentProblem why there is no word of the agent, null when there is one
 */
public record Examination(
        String machine,
        List<Line> lines,
        @Nullable String agent,
        @Nullable String agentProblem) {
    public Examination {
        lines = List.copyOf(lines);
    }

    /**
     * One thing that was looked at.
     *
     * @param verdict ok, warn or fail
     * @param hint what to do, empty when nothing is
     */
    public record Line(String check, String verdict, String message, String hint) {}
}
