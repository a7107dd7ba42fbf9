@NullMarked
package dev.vmext.agent.rehearse;

import org.jspecify.annotations.NullMarked;
