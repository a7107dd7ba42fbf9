/** Tests of vmext.Antivirus: settings, configuration, commands with a fake machine, the shell programs in a folder of their own. The build calls them. They never touch packages, units or users of the machine they run on. */
@NullMarked
package dev.vmext.antivirus;

import org.jspecify.annotations.NullMarked;
