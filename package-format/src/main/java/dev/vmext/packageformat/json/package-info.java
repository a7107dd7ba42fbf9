/**
 * Small strict JSON documents as objects with checked fields, on jackson-core's streaming parser. The manifest, trust and
 * signature readers use it. It knows no field name of any format.
 */
@NullMarked
package dev.vmext.packageformat.json;

import org.jspecify.annotations.NullMarked;
