package dev.vmext.agent.link;

import dev.vmext.protocol.goal.GoalOffer;

/** What the link tells the agent; called on the link's thread, must not take long. */
public interface LinkListener {
    /** The machine is enrolled and connected. Called for every connection. */
    void connected();

    void goal(GoalOffer offer);

    /** The control plane wants all statuses again. */
    void statusesWanted();
}
