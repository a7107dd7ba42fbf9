/**
 * The whole house with its real parts: server, agent, command line and portal as processes on one computer. It uses only what a user has:
 * the built programs, the public API, the command line.
 */
@NullMarked
package dev.vmext.systemtests.endtoend;

import org.jspecify.annotations.NullMarked;
