package dev.vmext.packageformat.manifest;

/** Which release of which extension a package is. */
public record PackageIdentity(ExtensionName name, ExtensionVersion version) {
    public static PackageIdentity of(String name, String version) {
        return new PackageIdentity(new ExtensionName(name), new ExtensionVersion(version));
    }

    /** The name of the folder and the file of this release: {@code acme.Firewall-1.0.7}. */
    public String folderName() {
        return name.text() + "-" + version.text();
    }

    @Override
    public String toString() {
        return name + " " + version;
    }
}
