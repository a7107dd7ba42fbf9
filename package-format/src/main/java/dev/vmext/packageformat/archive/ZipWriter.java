package dev.vmext.packageformat.archive;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes a zip whose bytes depend on nothing but names, modes and contents: no times, no extra fields, no system's own
 * attributes. java.util.zip cannot write unix modes. One thread.
 */
final class ZipWriter implements AutoCloseable {
    private static final int VERSION_NEEDED = 20;
    private static final int MADE_BY_UNIX = 3 << 8 | VERSION_NEEDED;
    private static final int FLAG_UTF8 = 1 << 11;
    /** 1980-01-01 00:00, the first moment a zip can express. */
    private static final int DOS_DATE = 1 << 5 | 1;

    private static final int MODE_FILE = 0x8000;
    private static final int MODE_DIRECTORY = 0x4000;
    private static final int DOS_DIRECTORY = 0x10;
    private static final int MAX_ENTRIES = 0xfffe;
    private static final long MAX_SIZE = 0xfffffffeL;
    private static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private int entries;

    /** What the two descriptions of an entry have in common. */
    private record Header(String name, int method, long crc, long packed, long size) {}

    private ZipWriter(FileChannel channel) {
        this.channel = channel;
    }

    static ZipWriter create(Path file) throws IOException {
        return new ZipWriter(FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ));
    }

    void addDirectory(String name) throws IOException {
        Header header = new Header(name, 0, 0, 0, 0);
        long offset = channel.position();
        write(local(header));
        addCentral(header, (MODE_DIRECTORY | 0755) << 16 | DOS_DIRECTORY, offset);
    }

    void addFile(String name, int mode, InputStream content) throws IOException {
        long offset = channel.position();
        // The numbers are only known afterwards: leave room, write the data, come back.
        long data = offset + ZipDirectoryReader.LOCAL_LENGTH + utf8(name).length;
        channel.position(data);
        CRC32 crc = new CRC32();
        long size = deflate(content, crc);
        long end = channel.position();
        Header header = new Header(name, 8, crc.getValue(), end - data, size);
        channel.position(offset);
        write(local(header));
        channel.position(end);
        addCentral(header, (MODE_FILE | mode) << 16, offset);
    }

    private long deflate(InputStream content, CRC32 crc) throws IOException {
        byte[] input = new byte[BUFFER];
        byte[] output = new byte[BUFFER];
        long size = 0;
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try (InputStream in = new BufferedInputStream(content, BUFFER)) {
            for (int count = in.readNBytes(input, 0, BUFFER); count > 0; count = in.readNBytes(input, 0, BUFFER)) {
                crc.update(input, 0, count);
                size += count;
                deflater.setInput(input, 0, count);
                while (!deflater.needsInput()) {
                    write(ByteBuffer.wrap(output, 0, deflater.deflate(output)));
                }
            }
            deflater.finish();
            while (!deflater.finished()) {
                write(ByteBuffer.wrap(output, 0, deflater.deflate(output)));
            }
        } finally {
            deflater.end();
        }
        return size;
    }

    private static ByteBuffer local(Header header) {
        ByteBuffer buffer = buffer(ZipDirectoryReader.LOCAL_LENGTH + utf8(header.name()).length);
        buffer.putInt(ZipDirectoryReader.LOCAL_SIGNATURE);
        putCommon(buffer, header);
        buffer.put(utf8(header.name()));
        return buffer.flip();
    }

    private void addCentral(Header header, int attributes, long offset) throws IOException {
        if (++entries > MAX_ENTRIES || channel.position() > MAX_SIZE || header.size() > MAX_SIZE) {
            throw new IOException("a package may have " + MAX_ENTRIES + " entries and 4 GiB, and this has more");
        }
        byte[] name = utf8(header.name());
        byte[] record = new byte[ZipDirectoryReader.CENTRAL_LENGTH + name.length];
        ByteBuffer buffer = ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(ZipDirectoryReader.CENTRAL_SIGNATURE);
        buffer.putShort((short) MADE_BY_UNIX);
        putCommon(buffer, header);
        // No comment, first part of the zip, no internal attributes.
        buffer.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        buffer.putInt(attributes).putInt((int) offset).put(name);
        directory.writeBytes(record);
    }

    private static void putCommon(ByteBuffer buffer, Header header) {
        buffer.putShort((short) VERSION_NEEDED).putShort((short) FLAG_UTF8).putShort((short) header.method());
        buffer.putShort((short) 0).putShort((short) DOS_DATE);
        buffer.putInt((int) header.crc()).putInt((int) header.packed()).putInt((int) header.size());
        buffer.putShort((short) utf8(header.name()).length).putShort((short) 0);
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] utf8(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Writes the list of entries; without this call the file is no zip. */
    void finish() throws IOException {
        long offset = channel.position();
        write(ByteBuffer.wrap(directory.toByteArray()));
        ByteBuffer end = buffer(ZipDirectoryReader.END_LENGTH);
        end.putInt(ZipDirectoryReader.END_SIGNATURE).putInt(0);
        end.putShort((short) entries).putShort((short) entries);
        end.putInt(directory.size()).putInt((int) offset).putShort((short) 0);
        write(end.flip());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
