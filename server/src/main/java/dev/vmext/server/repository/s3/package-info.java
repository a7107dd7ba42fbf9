/**
 * Repositories in an S3-compatible store: what the configuration says of it, the credentials, and the storage. Called by the wiring, which
 * touches the storage, and so the client library, only when a store is configured. Does not know machines, quotas or HTTP.
 */
@NullMarked
package dev.vmext.server.repository.s3;

import org.jspecify.annotations.NullMarked;
