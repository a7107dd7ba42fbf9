/**
 * The fleet's memory in an embedded SQLite database: migrations, hand-written SQL, one writer. The server's wiring opens it and hands
 * it to the fleet as its store. It must not decide anything: it applies what a decision says, or refuses it as a whole.
 */
@NullMarked
package dev.vmext.server.jdbc;

import org.jspecify.annotations.NullMarked;
