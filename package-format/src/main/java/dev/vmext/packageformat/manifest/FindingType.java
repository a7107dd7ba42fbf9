package dev.vmext.packageformat.manifest;

/** A sort of finding the extension may report. */
public record FindingType(String type, Severity severity, String description) {}
