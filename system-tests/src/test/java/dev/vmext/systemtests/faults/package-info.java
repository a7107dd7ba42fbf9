/**
 * Faults that are really made, on a real agent, each with the class and the culprit that a good explanation would name. The score is
 * printed and stands in SPECIFICATION.md. It must not know how causes are found.
 */
@NullMarked
package dev.vmext.systemtests.faults;

import org.jspecify.annotations.NullMarked;
