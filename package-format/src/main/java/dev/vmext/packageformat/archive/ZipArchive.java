package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * An open package: its checked list of entries and their bytes. java.util.zip is not used for the list because it hides unix
 * modes and links and does not compare the two places where a zip describes an entry. One thread at a time.
 */
final class ZipArchive implements AutoCloseable {
    private static final int BUFFER = 1 << 15;

    private final Path file;
    private final FileChannel channel;
    private final Map<String, ZipEntryInfo> entries;

    private ZipArchive(Path file, FileChannel channel, List<ZipEntryInfo> entries) {
        this.file = file;
        this.channel = channel;
        this.entries = new LinkedHashMap<>();
        entries.forEach(entry -> this.entries.put(entry.name(), entry));
    }

    /** Opens and checks everything that can be checked without unpacking. */
    static ZipArchive open(Path file, ArchiveLimits limits) {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException missing) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED, "cannot read " + file + ": it does not exist", "", missing);
        } catch (IOException failed) {
            throw failed(file, failed);
        }
        boolean opened = false;
        try {
            ZipArchive archive = new ZipArchive(file, channel, ZipDirectoryReader.read(file, channel, limits));
            opened = true;
            return archive;
        } catch (IOException failed) {
            throw failed(file, failed);
        } finally {
            if (!opened) {
                closeQuietly(channel);
            }
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException onlyReading) {
            // Nothing was written, and the reason for closing is already on its way to the caller.
            assert !channel.isOpen();
        }
    }

    private static PackageException failed(Path file, IOException failed) {
        return new PackageException(
                PackageProblem.FILE_FAILED, "cannot read " + file + ": " + failed.getMessage(), "", failed);
    }

    List<ZipEntryInfo> entries() {
        return List.copyOf(entries.values());
    }

    byte[] getBytes(String name, int maxBytes) {
        return findBytes(name, maxBytes).orElseThrow(() -> new IllegalStateException("the entry list has no " + name));
    }

    Optional<byte[]> findBytes(String name, int maxBytes) {
        ZipEntryInfo entry = entries.get(name);
        if (entry == null || entry.directory()) {
            return Optional.empty();
        }
        if (entry.size() > maxBytes) {
            throw new PackageException(
                    PackageProblem.LIMIT_EXCEEDED,
                    "cannot read " + EntryNames.shown(name) + " of " + file.getFileName() + ": it has " + entry.size()
                            + " bytes",
                    "at most " + maxBytes + " bytes are allowed");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream((int) entry.size());
        try {
            copy(entry, out);
        } catch (IOException failed) {
            throw failed(file, failed);
        }
        return Optional.of(out.toByteArray());
    }

    /** Writes the unpacked bytes and checks that they are as many, and the same, as the zip says. Never writes more. */
    void copy(ZipEntryInfo entry, OutputStream out) throws IOException {
        CRC32 crc = new CRC32();
        long written = entry.deflated() ? inflate(entry, out, crc) : transfer(entry, out, crc);
        if (written != entry.size() || crc.getValue() != entry.crc()) {
            throw damaged(entry, "its content is not what the zip says (size or checksum)");
        }
    }

    private long transfer(ZipEntryInfo entry, OutputStream out, CRC32 crc) throws IOException {
        byte[] buffer = new byte[BUFFER];
        long position = entry.dataOffset();
        long end = position + entry.packed();
        while (position < end) {
            int count = read(entry, buffer, position, end);
            crc.update(buffer, 0, count);
            out.write(buffer, 0, count);
            position += count;
        }
        return entry.packed();
    }

    private long inflate(ZipEntryInfo entry, OutputStream out, CRC32 crc) throws IOException {
        byte[] input = new byte[BUFFER];
        byte[] output = new byte[BUFFER];
        long position = entry.dataOffset();
        long end = position + entry.packed();
        long written = 0;
        Inflater inflater = new Inflater(true);
        try {
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    if (position >= end) {
                        throw damaged(entry, "its compressed data ends too early");
                    }
                    int count = read(entry, input, position, end);
                    inflater.setInput(input, 0, count);
                    position += count;
                }
                int count = inflater.inflate(output);
                if (count == 0 && inflater.needsDictionary()) {
                    throw damaged(entry, "its compressed data needs a dictionary");
                }
                written += count;
                if (written > entry.size()) {
                    throw damaged(entry, "it unpacks to more than the " + entry.size() + " bytes the zip says");
                }
                crc.update(output, 0, count);
                out.write(output, 0, count);
            }
            if (position - inflater.getRemaining() != end) {
                throw damaged(entry, "there are bytes after its compressed data");
            }
        } catch (DataFormatException broken) {
            throw damaged(entry, "its compressed data is damaged");
        } finally {
            inflater.end();
        }
        return written;
    }

    private int read(ZipEntryInfo entry, byte[] buffer, long position, long end) throws IOException {
        int wanted = (int) Math.min(buffer.length, end - position);
        int count = channel.read(ByteBuffer.wrap(buffer, 0, wanted), position);
        if (count <= 0) {
            throw damaged(entry, "the file ends before it");
        }
        return count;
    }

    private PackageException damaged(ZipEntryInfo entry, String why) {
        return new PackageException(
                PackageProblem.NOT_A_ZIP,
                "cannot unpack entry " + EntryNames.shown(entry.name()) + " of " + file.getFileName() + ": " + why,
                "fetch or pack the package again");
    }

    @Override
    public void close() {
        closeQuietly(channel);
    }
}
