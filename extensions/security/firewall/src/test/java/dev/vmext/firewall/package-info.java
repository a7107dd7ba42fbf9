/** Tests of vmext.Firewall: rules as text, commands with a fake machine, and real packets in network namespaces of their own. The build calls them. They never touch the rules of the machine they run on. */
@NullMarked
package dev.vmext.firewall;

import org.jspecify.annotations.NullMarked;
