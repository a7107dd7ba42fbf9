package dev.vmext.cli;

import picocli.CommandLine;

/** The release this command line was built from, out of its jar's manifest. */
final class VersionText implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = VersionText.class.getPackage().getImplementationVersion();
        return new String[] {"vmext " + (version == null ? "built from source" : version)};
    }
}
