/** The handler of vmext.Access: accounts, SSH keys and sudo rules of a machine. bin/handler calls it. It knows the extension contract and no agent. */
@NullMarked
package dev.vmext.access;

import org.jspecify.annotations.NullMarked;
