package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** Whether an extension keeps working after enable, or does its work once per settings version. */
public enum Kind {
    CONTINUOUS,
    ONE_SHOT;

    public String text() {
        return JsonFields.spelling(this);
    }
}
