@NullMarked
package dev.vmext.agent.freeze;

import org.jspecify.annotations.NullMarked;
