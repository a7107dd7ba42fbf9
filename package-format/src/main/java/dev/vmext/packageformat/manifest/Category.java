package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** What an extension is for. */
public enum Category {
    SECURITY,
    MONITORING,
    MANAGEMENT,
    BACKUP;

    public String text() {
        return JsonFields.spelling(this);
    }
}
