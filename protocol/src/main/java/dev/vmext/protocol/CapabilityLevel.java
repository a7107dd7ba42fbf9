package dev.vmext.protocol;

import java.util.List;
import java.util.OptionalInt;

/**
 * How much of this protocol a program understands, as one number that only grows. The agent tells its own in the agent description
 * (attribute {@link #ATTRIBUTE}), the server in its custom capabilities ({@link #announcement}). Each side sends the other only what
 * {@link #agreed} covers. Raise {@link #CURRENT} and add a line below whenever a peer must know before it is sent something new: a
 * new state or cause word, a new manifest field that may not be ignored, another meaning of an old one.
 *
 * <ul>
 *   <li>1 (2026-11, vmext 0.1.0): goal manifest v1, custom capabilities {@code vmext.status/v1}, {@code vmext.keys/v1} and {@code vmext.logs/v1}, protected
 *       settings as CMS, states and cause words of {@code protocol.status} at that time.
 *   <li>2 (2026-11): terms of an installation in the goal manifest (order, deadlines, conflicts), details of a status, cause words conflict, clock and cancelled.
 * </ul>
 */
public final class CapabilityLevel {
    /** What this build understands. */
    public static final int CURRENT = 2;

    /** The oldest peer this build still works with. */
    public static final int OLDEST = 1;

    /** Key of the whole-number attribute in the agent's non-identifying attributes. */
    public static final String ATTRIBUTE = "vmext.capability.level";

    private static final String ANNOUNCEMENT = "vmext.level/v";

    private CapabilityLevel() {}

    /** What may be sent to a peer of that level. */
    public static int agreed(int peer) {
        return Math.min(CURRENT, peer);
    }

    /** The custom capability by which a server says its level: {@code vmext.level/v1}. */
    public static String announcement() {
        return ANNOUNCEMENT + CURRENT;
    }

    /** The level among a server's custom capabilities; empty when it is not a vmext server. */
    public static OptionalInt find(List<String> customCapabilities) {
        for (String capability : customCapabilities) {
            if (capability.startsWith(ANNOUNCEMENT)) {
                try {
                    return OptionalInt.of(Integer.parseUnsignedInt(capability.substring(ANNOUNCEMENT.length())));
                } catch (NumberFormatException e) {
                    return OptionalInt.empty();
                }
            }
        }
        return OptionalInt.empty();
    }
}
