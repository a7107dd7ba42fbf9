package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** How bad a finding is. */
public enum Severity {
    INFO,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    public String text() {
        return JsonFields.spelling(this);
    }
}
