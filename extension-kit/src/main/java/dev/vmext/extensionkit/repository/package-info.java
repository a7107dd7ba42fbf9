/**
 * Where backups lie and how a program on the machine gets there: the control plane's repository of an installation, or one of the
 * operator's. Handlers of extensions that back up or restore call it; the shell programs of the kit read what it writes.
 * It must not run a backup, and knows nothing of sources and schedules.
 */
@NullMarked
package dev.vmext.extensionkit.repository;

import org.jspecify.annotations.NullMarked;
