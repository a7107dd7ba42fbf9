/**
 * What a package says about itself: {@code HandlerManifest.json}, {@code extension.json}, {@code manifest.xml}, and the names
 * and versions they use, as validated records. The archive reader, the goal compiler and the agent's runner call it. It does
 * not know where the bytes came from, and never opens a file.
 */
@NullMarked
package dev.vmext.packageformat.manifest;

import org.jspecify.annotations.NullMarked;
