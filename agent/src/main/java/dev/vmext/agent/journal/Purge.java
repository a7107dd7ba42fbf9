package dev.vmext.agent.journal;

import java.util.ArrayList;
import java.util.List;

/**
 * All that is on the machine of an installation is being taken away, whatever its commands say.
 *
 * @param byOwner asked for on the machine itself: it stays away. Otherwise an operator's reset: it begins again from nothing
 * @param ignored what went wrong on the way and was passed over, for people
 */
public record Purge(boolean byOwner, List<String> ignored) {
    /** More of them say nothing new. */
    private static final int MAX_IGNORED = 20;

    public Purge {
        ignored = List.copyOf(ignored);
    }

    public Purge ignoring(String message) {
        List<String> more = new ArrayList<>(ignored);
        more.add(message);
        return ignored.size() < MAX_IGNORED ? new Purge(byOwner, more) : this;
    }
}
