/**
 * JSON from people and programs, read strictly into records and written from them. The API, the configuration and the settings check
 * call it. It knows nothing of what a document means.
 */
@NullMarked
package dev.vmext.server.json;

import org.jspecify.annotations.NullMarked;
