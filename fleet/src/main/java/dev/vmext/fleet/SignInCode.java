package dev.vmext.fleet;

import java.time.Instant;

/** A code that signs a browser in once. */
public record SignInCode(Secret code, Instant expiresAt) {}
