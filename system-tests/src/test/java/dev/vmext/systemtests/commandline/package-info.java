/**
 * Every verb of the command line as a person uses it: real programs, a real control plane and a real agent on a private root. The build
 * runs it with the other tests of processes. It looks at exit codes and at what is printed, never into the insides.
 */
@NullMarked
package dev.vmext.systemtests.commandline;

import org.jspecify.annotations.NullMarked;
