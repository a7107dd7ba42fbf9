/** The handler of vmext.Configuration: a machine as an Ansible playbook says. bin/handler calls it. It knows the extension contract and no agent. */
@NullMarked
package dev.vmext.configuration;

import org.jspecify.annotations.NullMarked;
