package dev.vmext.agent.link;

import java.util.Map;
import java.util.Optional;

/** What the link asks the machine about. Any thread. */
public interface LinkSources {
    /** Facts about the machine by the names of the agent protocol. */
    Map<String, String> facts();

    /** The token to enrol with, if the machine was given one. */
    Optional<String> token();

    /** The machine is enrolled: the token is worth nothing any more. */
    void enrolled();

    /** The end of the agent's log, secrets redacted. */
    LogTail log(int bytes);

    /**
     * The end of a log.
     *
     * @param truncated whether there is more before it
     */
    record LogTail(String text, boolean truncated) {}
}
