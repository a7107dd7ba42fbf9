package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Reads and checks a zip's list of entries. A zip describes each entry twice, in the central directory at its end and in a
 * local header before the data, and readers differ in which one they believe; a package where the two disagree, overlap or
 * leave room for hidden entries is refused. One instance per file, one thread.
 *
 * <pre>
 *   [local header][name][extra][data][descriptor?] ... [central record]...[end record][comment]
 * </pre>
 */
final class ZipDirectoryReader {
    static final int LOCAL_SIGNATURE = 0x04034b50;
    static final int CENTRAL_SIGNATURE = 0x02014b50;
    static final int END_SIGNATURE = 0x06054b50;
    static final int LOCAL_LENGTH = 30;
    static final int CENTRAL_LENGTH = 46;
    static final int END_LENGTH = 22;

    private static final int MAX_COMMENT = 0xffff;
    private static final int FLAG_ENCRYPTED = 1;
    private static final int FLAG_DESCRIPTOR = 1 << 3;
    private static final int FLAG_STRONG_ENCRYPTION = 1 << 6;
    private static final int FLAG_MASKED_HEADERS = 1 << 13;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int MODE_TYPE = 0xf000;
    private static final int MODE_FILE = 0x8000;
    private static final int MODE_DIRECTORY = 0x4000;
    private static final int HOST_UNIX = 3;
    private static final int HOST_MAC = 19;
    /** The size above which the compression ratio counts. */
    private static final long RATIO_FROM = 1L << 20;

    private final Path file;
    private final FileChannel channel;
    private final ArchiveLimits limits;
    private final long fileSize;

    /** An entry, and the bytes of the file that belong to it. */
    private record Placed(ZipEntryInfo entry, long start, long end, boolean descriptor) {}

    private ZipDirectoryReader(Path file, FileChannel channel, ArchiveLimits limits) throws IOException {
        this.file = file;
        this.channel = channel;
        this.limits = limits;
        this.fileSize = channel.size();
    }

    static List<ZipEntryInfo> read(Path file, FileChannel channel, ArchiveLimits limits) throws IOException {
        return new ZipDirectoryReader(file, channel, limits).entries();
    }

    private List<ZipEntryInfo> entries() throws IOException {
        long endRecord = findEndRecord();
        ByteBuffer end = bytes(endRecord, END_LENGTH);
        int disk = unsigned(end.getShort(4));
        int directoryDisk = unsigned(end.getShort(6));
        int onThisDisk = unsigned(end.getShort(8));
        int count = unsigned(end.getShort(10));
        long size = unsigned(end.getInt(12));
        long offset = unsigned(end.getInt(16));
        if (disk != 0 || directoryDisk != 0 || onThisDisk != count) {
            throw bad("it is one part of several");
        }
        if (count == 0xffff || size == 0xffffffffL || offset == 0xffffffffL) {
            throw bad("it uses the zip64 format");
        }
        if (offset + size != endRecord) {
            throw bad("its list of entries is not where it should be");
        }
        if (count > limits.entries()) {
            throw tooMuch("it has " + count + " entries, and at most " + limits.entries() + " are allowed");
        }
        List<Placed> placed = new ArrayList<>(count);
        EntryNames names = new EntryNames(limits.pathLength());
        long total = 0;
        long at = offset;
        for (int i = 0; i < count; i++) {
            if (at + CENTRAL_LENGTH > endRecord) {
                throw bad("its list of entries ends too early");
            }
            ByteBuffer central = bytes(at, CENTRAL_LENGTH);
            if (central.getInt(0) != CENTRAL_SIGNATURE) {
                throw bad("its list of entries is damaged");
            }
            int nameLength = unsigned(central.getShort(28));
            int rest = unsigned(central.getShort(30)) + unsigned(central.getShort(32));
            long next = at + CENTRAL_LENGTH + nameLength + rest;
            if (next > endRecord) {
                throw bad("its list of entries ends too early");
            }
            byte[] rawName = bytes(at + CENTRAL_LENGTH, nameLength).array();
            String name = text(rawName);
            names.add(name);
            Placed entry = entry(central, rawName, name);
            total += entry.entry().size();
            if (total > limits.totalBytes()) {
                throw tooMuch("it unpacks to more than " + limits.totalBytes() + " bytes");
            }
            placed.add(entry);
            at = next;
        }
        if (at != endRecord) {
            throw bad("there is something between its list of entries and its end");
        }
        if (isBomb(total, fileSize)) {
            throw tooMuch("it unpacks to more than " + limits.ratio() + " times its size, like a decompression bomb");
        }
        checkPlaces(placed, offset);
        return placed.stream().map(Placed::entry).toList();
    }

    /** The end record reaches exactly to the end of the file, and there is only one candidate: readers must not differ. */
    private long findEndRecord() throws IOException {
        if (fileSize < END_LENGTH) {
            throw bad("it is too short");
        }
        int length = (int) Math.min(fileSize, END_LENGTH + MAX_COMMENT);
        long from = fileSize - length;
        ByteBuffer tail = bytes(from, length);
        long found = -1;
        for (int at = length - END_LENGTH; at >= 0; at--) {
            if (tail.getInt(at) == END_SIGNATURE) {
                boolean reachesEnd = at + END_LENGTH + unsigned(tail.getShort(at + 20)) == length;
                if (reachesEnd && found >= 0) {
                    throw bad("it has two ends, so two lists of entries are possible");
                }
                found = reachesEnd ? from + at : found;
            }
        }
        if (found < 0) {
            throw bad("the end of the list of entries is missing; it may be cut off");
        }
        return found;
    }

    private Placed entry(ByteBuffer central, byte[] rawName, String name) throws IOException {
        int host = unsigned(central.getShort(4)) >>> 8;
        int flags = unsigned(central.getShort(8));
        int method = unsigned(central.getShort(10));
        long crc = unsigned(central.getInt(16));
        long packed = unsigned(central.getInt(20));
        long size = unsigned(central.getInt(24));
        int attributes = central.getInt(38);
        long offset = unsigned(central.getInt(42));
        boolean directory = name.endsWith("/");
        if ((flags & (FLAG_ENCRYPTED | FLAG_STRONG_ENCRYPTION | FLAG_MASKED_HEADERS)) != 0) {
            throw unsafe(name, "it is encrypted");
        }
        if (method != STORED && method != DEFLATED) {
            throw unsafe(name, "it uses compression method " + method + "; only store and deflate are allowed");
        }
        if (unsigned(central.getShort(34)) != 0) {
            throw unsafe(name, "it lies in another part of the zip");
        }
        if (method == STORED && packed != size) {
            throw unsafe(name, "it is stored, but its two sizes differ");
        }
        checkSize(name, packed, size);
        int unixMode = attributes >>> 16;
        int type = unixMode & MODE_TYPE;
        if (type != 0 && type != MODE_FILE && type != MODE_DIRECTORY) {
            throw unsafe(name, "it is a link or a special file");
        }
        if ((type == MODE_DIRECTORY && !directory) || (type == MODE_FILE && directory) || (directory && size != 0)) {
            throw unsafe(name, "name and type disagree on whether it is a folder");
        }
        boolean known = (host == HOST_UNIX || host == HOST_MAC) && unixMode != 0;
        long data = checkLocal(offset, rawName, name, flags, method, crc, packed, size);
        int mode = known ? unixMode & 0777 : -1;
        ZipEntryInfo entry = new ZipEntryInfo(name, directory, mode, method == DEFLATED, crc, packed, size, data);
        return new Placed(entry, offset, data + packed, (flags & FLAG_DESCRIPTOR) != 0);
    }

    private void checkSize(String name, long packed, long size) {
        if (size == 0xffffffffL || packed == 0xffffffffL) {
            throw bad("it uses the zip64 format");
        }
        if (size > limits.entryBytes()) {
            throw tooMuch("entry " + EntryNames.shown(name) + " has " + size + " bytes, and at most "
                    + limits.entryBytes() + " are allowed");
        }
        if (isBomb(size, packed)) {
            throw tooMuch("entry " + EntryNames.shown(name) + " shrinks to less than 1/" + limits.ratio()
                    + " of its size, like a decompression bomb");
        }
    }

    private boolean isBomb(long size, long packed) {
        return size > RATIO_FROM && size / Math.max(1, packed) >= limits.ratio();
    }

    /** Returns where the data starts. */
    private long checkLocal(
            long offset, byte[] rawName, String name, int flags, int method, long crc, long packed, long size)
            throws IOException {
        if (offset + LOCAL_LENGTH + rawName.length > fileSize) {
            throw unsafe(name, "its data lies outside the file");
        }
        ByteBuffer local = bytes(offset, LOCAL_LENGTH);
        if (local.getInt(0) != LOCAL_SIGNATURE) {
            throw unsafe(name, "its data does not start with a local header");
        }
        byte[] localName = unsigned(local.getShort(26)) == rawName.length
                ? bytes(offset + LOCAL_LENGTH, rawName.length).array()
                : new byte[0];
        if (!Arrays.equals(rawName, localName)
                || unsigned(local.getShort(6)) != flags
                || unsigned(local.getShort(8)) != method) {
            throw unsafe(name, "the list of entries and the header before the data disagree on its name or form");
        }
        boolean open = (flags & FLAG_DESCRIPTOR) != 0;
        if (!agrees(local.getInt(14), crc, open)
                || !agrees(local.getInt(18), packed, open)
                || !agrees(local.getInt(22), size, open)) {
            throw unsafe(name, "the list of entries and the header before the data disagree on its size or checksum");
        }
        return offset + LOCAL_LENGTH + rawName.length + unsigned(local.getShort(28));
    }

    /** With a data descriptor the local header may leave the numbers at zero. */
    private static boolean agrees(int local, long central, boolean open) {
        return unsigned(local) == central || (open && local == 0);
    }

    /** Data of different entries must not overlap, and no bytes may lie around that belong to no entry. */
    private void checkPlaces(List<Placed> placed, long directory) throws IOException {
        long covered = 0;
        List<Placed> inOrder =
                placed.stream().sorted(Comparator.comparingLong(Placed::start)).toList();
        for (Placed place : inOrder) {
            if (place.start() < covered) {
                throw unsafe(place.entry().name(), "its data overlaps with that of another entry");
            }
            if (place.start() > covered) {
                throw unsafe(place.entry().name(), "there are bytes before it that belong to no entry");
            }
            covered = place.end();
            if (covered > directory) {
                throw unsafe(place.entry().name(), "its data reaches into the list of entries");
            }
            covered += place.descriptor() ? descriptorLength(place, directory) : 0;
        }
        if (covered != directory) {
            throw bad("there are bytes before its list of entries that belong to no entry");
        }
    }

    /** A descriptor repeats checksum and sizes after the data, with or without a signature of its own. */
    private int descriptorLength(Placed place, long directory) throws IOException {
        ZipEntryInfo entry = place.entry();
        for (int signature : new int[] {4, 0}) {
            int length = signature + 12;
            if (place.end() + length > directory) {
                continue;
            }
            ByteBuffer descriptor = bytes(place.end(), length);
            boolean signed = signature == 0 || descriptor.getInt(0) == 0x08074b50;
            if (signed
                    && unsigned(descriptor.getInt(signature)) == entry.crc()
                    && unsigned(descriptor.getInt(signature + 4)) == entry.packed()
                    && unsigned(descriptor.getInt(signature + 8)) == entry.size()) {
                return length;
            }
        }
        throw unsafe(entry.name(), "the numbers after its data disagree with the list of entries");
    }

    private String text(byte[] raw) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(raw))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw new PackageException(
                    PackageProblem.UNSAFE_ENTRY,
                    "cannot use " + file.getFileName() + " as a package: the name of an entry is not UTF-8",
                    "use plain letters in file names, or pack with \"vmext extension pack\"",
                    notUtf8);
        }
    }

    private ByteBuffer bytes(long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static int unsigned(short value) {
        return Short.toUnsignedInt(value);
    }

    private static long unsigned(int value) {
        return Integer.toUnsignedLong(value);
    }

    private PackageException bad(String why) {
        return new PackageException(
                PackageProblem.NOT_A_ZIP,
                "cannot use " + file.getFileName() + " as a package: " + why,
                "pack the extension with \"vmext extension pack\"");
    }

    private PackageException tooMuch(String why) {
        return new PackageException(
                PackageProblem.LIMIT_EXCEEDED, "cannot use " + file.getFileName() + " as a package: " + why, "");
    }

    private PackageException unsafe(String name, String why) {
        return new PackageException(
                PackageProblem.UNSAFE_ENTRY,
                "cannot accept entry " + EntryNames.shown(name) + ": " + why,
                "pack the extension with \"vmext extension pack\"");
    }
}
