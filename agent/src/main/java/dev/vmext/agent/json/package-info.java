/**
 * JSON as the agent needs it: a small tree to read what others wrote, and text in exactly the spacing that handlers parse. All
 * packages of the agent may call it. It must not know any format.
 */
@NullMarked
package dev.vmext.agent.json;

import org.jspecify.annotations.NullMarked;
