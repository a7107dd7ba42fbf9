/**
 * The public HTTP API: one table of routes with their access rules, one class per resource, one translator for everything that goes
 * wrong. Wiring builds it, and browsers, the command line and other programs call it. It decides nothing about machines and knows
 * neither SQL nor agents.
 */
@NullMarked
package dev.vmext.server.http;

import org.jspecify.annotations.NullMarked;
