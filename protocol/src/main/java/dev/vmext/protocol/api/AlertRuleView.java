package dev.vmext.protocol.api;

/**
 * A rule for alerts.
 *
 * @param origin {@code default}: comes with vmext as it is; {@code changed}: replaces one that comes with vmext; {@code own}: somebody's own
 * @param rule all of it, nothing missing that has a default
 * @param firing how many alerts it has now
 */
public record AlertRuleView(String name, String origin, AlertRuleWrite rule, int firing) {}
