package dev.vmext.protocol.api;

/**
 * One event of the change stream (server-sent events; {@code id} is the SSE id, so that a client can resume after it).
 *
 * @param kind machine, installation, extension, command or finding
 * @param machine the machine's name, empty for an extension, and for a finding about no machine
 * @param name the installation's or extension's name or the id of the command or finding, empty for a machine
 * @param gone true when it does not exist any more
 */
public record ChangeEvent(long id, String kind, String project, String machine, String name, boolean gone) {}
