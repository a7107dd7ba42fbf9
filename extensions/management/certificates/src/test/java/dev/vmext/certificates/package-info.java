/** Tests of vmext.Certificates: settings, commands with a fake machine, and the shell programs in a folder of their own with real issuers. The build calls them. They never touch packages, units or users of the machine they run on. */
@NullMarked
package dev.vmext.certificates;

import org.jspecify.annotations.NullMarked;
