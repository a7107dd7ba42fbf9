/**
 * The handler contract row by row, with the agent's own code and real processes in a private root: each test names the rows it holds,
 * and docs/reference/conformance.md lists them all. Rows that need systemd, control groups or a restart of a machine are held on a
 * virtual machine ({@code endtoend}).
 */
@NullMarked
package dev.vmext.systemtests.conformance;

import org.jspecify.annotations.NullMarked;
