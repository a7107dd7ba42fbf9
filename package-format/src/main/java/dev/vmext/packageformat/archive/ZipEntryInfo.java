package dev.vmext.packageformat.archive;

/** One file or folder of a zip, as both its directory record and its local header say. {@code mode} is -1 when unknown. */
record ZipEntryInfo(
        String name,
        boolean directory,
        int mode,
        boolean deflated,
        long crc,
        long packed,
        long size,
        long dataOffset) {}
