package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** Whether an extension needs the machine to restart before it works. */
public enum Reboot {
    NEVER,
    POSSIBLE,
    REQUIRED;

    public String text() {
        return JsonFields.spelling(this);
    }
}
