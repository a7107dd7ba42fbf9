/**
 * The handler contract row by row, with the agent's own code and real processes in a private root: each test names the rows it holds,
 * and docs/reference/conformance.md lists them all. Rows that need systemd, control groups or a restart of a machine are held on a
 * virtual machine ({@code vm}).
 *
 * <p>What a virtual machine has to show with the fake extension (settings in brackets): a command runs in a scope of its installation's
 * slice and is stopped with {@code killed-by-budget} when it takes too much ({@code enableLeakMiB}, row 1.4-3 and 1.17-scopes); a full
 * disk is a cause and not a broken agent ({@code installFillDisk}); a request for a restart is carried out once and the work goes on
 * after it ({@code installReboot}); a real restart during {@code enable} ends in {@code ready} ({@code enableSeconds}); units and users
 * that stay behind are in the report of the removal ({@code addUnit}, {@code addUser}, {@code leaveBehind}).
 */
@NullMarked
package dev.vmext.systemtests.conformance;

import org.jspecify.annotations.NullMarked;
