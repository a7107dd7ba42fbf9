/**
 * What an operator can set: the configuration file, the command line's overrides and the folders of one control plane. Wiring reads it
 * once at start. It starts nothing and opens no socket.
 */
@NullMarked
package dev.vmext.server.config;

import org.jspecify.annotations.NullMarked;
