/**
 * The gateway's own certificate authority: its key, the gateway's leaf, and the certificates of machines. The gateway and the wiring
 * call it. It knows no machine but by id, no token and no store: whether somebody may have a certificate is decided elsewhere.
 */
@NullMarked
package dev.vmext.server.ca;

import org.jspecify.annotations.NullMarked;
