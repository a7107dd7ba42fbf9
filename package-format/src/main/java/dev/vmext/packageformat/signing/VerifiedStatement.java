package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.trust.PublisherKey;

/** A statement whose signature was verified by a key that is trusted for its name. Only the verifier makes one. */
public record VerifiedStatement(PackageStatement statement, PublisherKey key, String namespace) {}
