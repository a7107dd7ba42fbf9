/** Tests of the extension kit, with certificates and envelopes made on the spot. The build calls them. They know no particular extension. */
@NullMarked
package dev.vmext.extensionkit;

import org.jspecify.annotations.NullMarked;
