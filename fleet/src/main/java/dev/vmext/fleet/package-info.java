/**
 * The control plane's decisions: machines, catalog, installations, goals, enrolment, access, behind the one entry {@link
 * dev.vmext.fleet.Fleet}. HTTP routes, the agent gateway and later facades call it; each call decides on a consistent view of the
 * store and answers at once. It must not know HTTP, SQL, threads or the wall clock: those come in through the ports of this package.
 */
@NullMarked
package dev.vmext.fleet;

import org.jspecify.annotations.NullMarked;
