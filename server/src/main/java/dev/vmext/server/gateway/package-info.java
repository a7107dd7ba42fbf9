/**
 * The end of the link that agents connect to: TLS, OpAMP sessions, package downloads. The wiring starts it; the fleet asks it who is
 * online. It decides nothing about goals or tokens itself and must not know how anything is stored.
 */
@NullMarked
package dev.vmext.server.gateway;

import org.jspecify.annotations.NullMarked;
