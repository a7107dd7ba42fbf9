/** Tests of vmext.Configuration: settings, what becomes of typed ones, and the built package in a private root with the real Ansible. The build calls them. They never change the machine they run on. */
@NullMarked
package dev.vmext.configuration;

import org.jspecify.annotations.NullMarked;
