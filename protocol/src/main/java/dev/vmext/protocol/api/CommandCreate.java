package dev.vmext.protocol.api;

import org.jspecify.annotations.Nullable;

/**
 * Runs something once on a machine, with the rights of root unless a user is named.
 *
 * @param script text for the interpreter, at most 256 KiB
 * @param interpreter absolute path, null for {@code /bin/sh}
 * @param user whose rights it gets, null for root
 * @param folder current folder, null for {@code /}
 * @param timeoutSeconds from its start, null for 600; at most a day
 * @param expireSeconds how long it may wait for a machine that is not connected, null for 3600; at most a day
 */
public record CommandCreate(
        String script,
        @Nullable String interpreter,
        @Nullable String user,
        @Nullable String folder,
        @Nullable Integer timeoutSeconds,
        @Nullable Integer expireSeconds) {}
