/**
 * The control plane's process: it reads the configuration, builds every part by hand and starts and stops them in order.
 * Only the command {@code java -m} or {@code -cp} calls it. Nothing else may import it, and it decides nothing about machines.
 */
@NullMarked
package dev.vmext.server;

import org.jspecify.annotations.NullMarked;
