/** Tests of vmext.Updates: settings, commands with a fake machine, and the shell programs with real apt in a root of their own. The build calls them. They never touch packages, units or users of the machine they run on. */
@NullMarked
package dev.vmext.updates;

import org.jspecify.annotations.NullMarked;
