/** Tests of vmext.Access: settings, commands with a fake machine, and the built package in a private root with the real programs. The build calls them. They never touch accounts of the machine they run on. */
@NullMarked
package dev.vmext.access;

import org.jspecify.annotations.NullMarked;
