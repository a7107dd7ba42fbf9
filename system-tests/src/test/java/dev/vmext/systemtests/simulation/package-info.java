/**
 * Many agents and one control plane in one thread, from one seed. The build runs it with the unit tests. It is the one place that sees the
 * decisions of both sides at once; it must not know how a message looks on the wire.
 */
@NullMarked
package dev.vmext.systemtests.simulation;

import org.jspecify.annotations.NullMarked;
