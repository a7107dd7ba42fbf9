/**
 * Turns what went wrong into why: exceptions, exit codes and the output of handlers into a class, evidence and a hint. Steps, looks at
 * health and the doctor call it. It must not know installations' states, the link, or what is done about a cause.
 */
@NullMarked
package dev.vmext.agent.cause;

import org.jspecify.annotations.NullMarked;
