package dev.vmext.agent.link;

import dev.vmext.protocol.goal.GoalOffer;

/** What the link tells the agent; called on the link's thread, must not take long. */
public interface LinkListener {
    /** The machine is enrolled and connected. Called for every connection. */
    void connected();

    /**
     * A try to connect failed; the link goes on trying.
     *
     * @param lasting whether trying again would not help
     */
    default void failed(String why, boolean lasting) {}

    void goal(GoalOffer offer);

    /** The control plane wants all statuses again. */
    void statusesWanted();

    /** The control plane takes metrics at this gateway, or says that it does not any more. */
    default void metricsOffered(boolean taken) {}
}
