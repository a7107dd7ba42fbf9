/**
 * The whole house with its real parts: server and agent as processes, and one real virtual machine. The build runs it last. It uses only
 * what a user has: the built programs, the public API, the command line.
 */
@NullMarked
package dev.vmext.systemtests.endtoend;

import org.jspecify.annotations.NullMarked;
