/**
 * Looks at everything an agent needs and says what is wrong with it, and packs what somebody else needs to look: the doctor and the
 * bundle. The command line and the link call it, with and without a running agent. It changes nothing on the machine and must not know
 * how installations are planned.
 */
@NullMarked
package dev.vmext.agent.doctor;

import org.jspecify.annotations.NullMarked;
