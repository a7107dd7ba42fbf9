package dev.vmext.agent.link;

import dev.vmext.protocol.opamp.Bytes;
import java.util.Optional;

/**
 * One custom capability of the link that a part of the agent speaks by itself. Nothing is queued: the link asks for what is to be
 * sent whenever it may send, so a topic keeps only its newest state. Called on the link's thread, must not take long; a topic that
 * gets news on another thread calls {@link ServerLink#wake}.
 */
public interface Topic {
    /** Its name, such as {@code vmext.exec/v1}; announced to the control plane with the first message of every connection. */
    String capability();

    /** A connection begins: what was sent and never acknowledged may be lost. */
    void connected();

    /** A message of a control plane that has announced the capability; others are dropped. One that cannot be read is a {@code ProblemException}, which is logged and passed over. */
    void heard(String type, byte[] data);

    /** The message to send now, if any; it counts as sent. Only asked while the control plane has announced the capability. */
    Optional<Said> next();

    /** Whether an answer is expected soon, so that an agent that polls should not wait for the whole interval. */
    boolean busy();

    /**
     * One message to the control plane.
     *
     * @param data at most a few ten KiB; every message travels alone
     */
    record Said(String type, Bytes data) {}
}
