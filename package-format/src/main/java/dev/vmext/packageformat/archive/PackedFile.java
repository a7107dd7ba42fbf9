package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.manifest.PackageDescription;
import java.nio.file.Path;

/** A package that was just written and read back. */
public record PackedFile(Path file, PackageDescription description, PackageDigest digest, long size) {}
