/**
 * What vmext puts into OpAMP messages beside goal and status: machine facts, health tree, settings key. The agent's link and the
 * server's gateway call it. It must not know sockets, certificates' content or how a fact is found out.
 */
@NullMarked
package dev.vmext.protocol.link;

import org.jspecify.annotations.NullMarked;
