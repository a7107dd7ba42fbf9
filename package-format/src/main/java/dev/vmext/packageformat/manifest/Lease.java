package dev.vmext.packageformat.manifest;

/** Something of which a machine has one, and which an installation needs for itself while a command runs. */
public enum Lease {
    PACKAGE_MANAGER("packageManager");

    private final String text;

    Lease(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
