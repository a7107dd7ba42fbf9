package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** How many installations of an extension one machine may have. */
public enum Instances {
    ONE,
    MANY;

    public String text() {
        return JsonFields.spelling(this);
    }
}
