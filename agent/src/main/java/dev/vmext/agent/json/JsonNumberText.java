package dev.vmext.agent.json;

/** A number as it was written: nothing of it is lost or rounded. */
public record JsonNumberText(String text) {}
