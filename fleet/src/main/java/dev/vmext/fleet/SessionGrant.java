package dev.vmext.fleet;

import java.time.Instant;

/** A session that has just begun; the secret goes into the browser's cookie. */
public record SessionGrant(Secret secret, Principal principal, Instant expiresAt) {}
