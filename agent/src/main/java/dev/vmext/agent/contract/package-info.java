/**
 * How handlers are called and answer: folders, files, environment, exit codes and status words of one contract. The step runner calls
 * it. It must not know goals, the journal or the server.
 */
@NullMarked
package dev.vmext.agent.contract;

import org.jspecify.annotations.NullMarked;
