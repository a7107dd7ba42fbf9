/**
 * Tools for tests of every module: a clock that moves when told, an extension that misbehaves when told, a repository of restic that
 * opens at once.
 * Tests of any module call it.
 * It knows the extension contract at most, and no module of vmext.
 */
@NullMarked
package dev.vmext.testkit;

import org.jspecify.annotations.NullMarked;
