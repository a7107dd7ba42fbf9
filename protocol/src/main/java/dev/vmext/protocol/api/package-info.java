/**
 * The bodies of the public HTTP API. Server, command line and tests use them; the portal has the same shapes in TypeScript. They hold\n * no behaviour and never a secret on the way out.
 */
@NullMarked
package dev.vmext.protocol.api;

import org.jspecify.annotations.NullMarked;
