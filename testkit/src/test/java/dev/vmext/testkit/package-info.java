/** Tests of the tools for tests. The build calls them. They know nothing of vmext. */
@NullMarked
package dev.vmext.testkit;

import org.jspecify.annotations.NullMarked;
