package dev.vmext.packageformat.json;

/** A number exactly as it was written, so that copying a schema does not change it. */
record JsonNumber(String text) {}
