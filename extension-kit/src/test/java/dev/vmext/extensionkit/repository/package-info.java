@NullMarked
package dev.vmext.extensionkit.repository;

import org.jspecify.annotations.NullMarked;
