/**
 * Rehearses an extension on a private machine and says what a publisher should know before anybody installs it. Called by the command
 * {@code vmext-agent rehearse}, which {@code vmext extension test} runs. It must not know the link or a control plane.
 */
@NullMarked
package dev.vmext.agent.rehearse;

import org.jspecify.annotations.NullMarked;
