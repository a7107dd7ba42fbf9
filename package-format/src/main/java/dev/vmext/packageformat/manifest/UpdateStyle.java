package dev.vmext.packageformat.manifest;

import dev.vmext.packageformat.json.JsonFields;

/** Whether the old version is taken away before the new one starts, or stays enabled until the new one proved healthy. */
public enum UpdateStyle {
    IN_PLACE,
    SIDE_BY_SIDE;

    public String text() {
        return JsonFields.spelling(this);
    }
}
