package dev.vmext.agent.finding;

import dev.vmext.protocol.finding.FindingReport;

/** Where parts of the agent tell what they found. Any thread. */
public interface FindingSink {
    /** Nobody listens: for machines without a control plane. */
    FindingSink NONE = finding -> {};

    /**
     * Takes it, to be forwarded however long that takes; when this returns it survives a power cut. Secrets that are known are taken out.
     * Where the disk refuses, the loss is counted and told later; never throws.
     */
    void accept(FindingReport finding);
}
