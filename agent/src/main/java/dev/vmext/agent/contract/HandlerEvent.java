package dev.vmext.agent.contract;

/**
 * One event as a handler wrote it; every text is the handler's own.
 *
 * @param level Critical, Error, Warning, Verbose, Informational or LogAlways
 * @param message at most 3072 characters
 */
public record HandlerEvent(
        String version,
        String timestamp,
        String task,
        String level,
        String message,
        String pid,
        String tid,
        String operation) {}
