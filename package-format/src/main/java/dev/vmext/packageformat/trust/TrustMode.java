package dev.vmext.packageformat.trust;

import dev.vmext.packageformat.json.JsonFields;

/** How much the owner of a machine leaves to the server. */
public enum TrustMode {
    /** The server may also send commands: owner delegates root to it. */
    FULL,
    /** Trusted packages yes, commands from the server no. */
    NO_SCRIPTS,
    /** Nothing on the machine is changed. */
    OBSERVE;

    public String text() {
        return JsonFields.spelling(this);
    }

    /** Whether run-once commands, script extensions and script settings are accepted. */
    public boolean allowsScripts() {
        return this == FULL;
    }

    /** Whether anything may be installed, changed or removed. */
    public boolean allowsChanges() {
        return this != OBSERVE;
    }
}
