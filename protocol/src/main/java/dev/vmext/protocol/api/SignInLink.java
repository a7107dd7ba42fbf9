package dev.vmext.protocol.api;

import java.time.Instant;

/** A link that signs a browser in once. */
public record SignInLink(String url, Instant expiresAt) {}
