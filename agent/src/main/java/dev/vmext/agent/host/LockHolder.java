package dev.vmext.agent.host;

import java.util.Objects;

/**
 * A process that is no work of ours and holds something that an installation waits for.
 *
 * @param pid 0 when it is not known
 * @param command as the operator would recognise it, redacted, at most 200 characters
 * @param what it holds: a lock file's path, or what it is doing ({@code cloud-init at first boot})
 */
public record LockHolder(long pid, String command, String what) {
    public LockHolder {
        Objects.requireNonNull(command);
        Objects.requireNonNull(what);
    }
}
