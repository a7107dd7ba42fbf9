package dev.vmext.packageformat.manifest;

/** Another extension, needed or not tolerated beside this one. */
public record ExtensionReference(ExtensionName name, VersionConstraint version) {
    @Override
    public String toString() {
        return version.isAny() ? name.text() : name + " " + version;
    }
}
