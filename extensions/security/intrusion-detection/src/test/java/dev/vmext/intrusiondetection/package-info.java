/**
 * Tests of vmext.IntrusionDetection: settings as configuration, commands on a machine in a folder, and the shell programs in a folder of
 * their own. The build calls them. They never touch the packages, units or logs of the machine they run on.
 */
@NullMarked
package dev.vmext.intrusiondetection;

import org.jspecify.annotations.NullMarked;
