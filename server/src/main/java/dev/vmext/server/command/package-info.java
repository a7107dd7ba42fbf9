/**
 * What run-once commands wrote, in files of the data folder. The gateway puts in what machines send, the API reads it while it grows. It
 * must not know who may run a command or how one is run.
 */
@NullMarked
package dev.vmext.server.command;

import org.jspecify.annotations.NullMarked;
