package dev.vmext.protocol.status;

import org.jspecify.annotations.Nullable;

/**
 * What is known about an installation beyond its state; each part is null while there is nothing to say.
 *
 * @param attempted the last version that was tried and did not stay
 * @param usage what it uses of the machine
 * @param removal what its uninstall took away and left
 */
public record StatusDetail(
        @Nullable Attempted attempted,
        @Nullable Usage usage,
        @Nullable RemovalReport removal) {
    public static final StatusDetail NONE = new StatusDetail(null, null, null);

    public StatusDetail with(@Nullable Attempted value) {
        return new StatusDetail(value, usage, removal);
    }

    public StatusDetail with(@Nullable Usage value) {
        return new StatusDetail(attempted, value, removal);
    }

    public StatusDetail with(@Nullable RemovalReport value) {
        return new StatusDetail(attempted, usage, value);
    }
}
