package dev.vmext.packageformat.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Writes zips byte by byte, so that a test can lie in any field. It deliberately shares no code with the real writer and
 * reader. One thread.
 */
public final class ZipForge {
    /** Length of the header before an entry's data, without its name. */
    public static final int LOCAL_LENGTH = 30;

    private static final int UNIX = 3 << 8 | 20;
    private static final int REGULAR_FILE = 0100644;

    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private int entries;
    private byte[] comment = new byte[0];

    /** One entry; the fields starting with "local" are what the header before the data says. Change before adding. */
    public static final class Entry {
        String name;
        String localName;
        byte[] data;
        int madeBy = UNIX;
        int flags = 1 << 11;
        int localFlags = 1 << 11;
        int method;
        int mode = REGULAR_FILE;
        long crc;
        long packed;
        long size;
        long localSize;
        long offset = -1;
        boolean hidden;
        boolean noLocal;

        private Entry(String name, byte[] data, long size, long crc, int method) {
            this.name = name;
            this.localName = name;
            this.data = data.clone();
            this.size = size;
            this.localSize = size;
            this.packed = data.length;
            this.crc = crc;
            this.method = method;
        }

        public static Entry stored(String name, String text) {
            return stored(name, text.getBytes(StandardCharsets.UTF_8));
        }

        public static Entry stored(String name, byte[] data) {
            return new Entry(name, data, data.length, crc(data), 0);
        }

        /** A file of {@code size} zeros, compressed. */
        public static Entry zeros(String name, int size) {
            byte[] zeros = new byte[size];
            Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
            deflater.setInput(zeros);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] buffer = new byte[1 << 16];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            deflater.end();
            return new Entry(name, out.toByteArray(), size, crc(zeros), 8);
        }

        private static long crc(byte[] data) {
            CRC32 crc = new CRC32();
            crc.update(data);
            return crc.getValue();
        }

        /** Unix type and permission bits, like 0120777 for a link. */
        public Entry mode(int unixMode) {
            this.mode = unixMode;
            return this;
        }

        public Entry method(int zipMethod) {
            this.method = zipMethod;
            return this;
        }

        public Entry flags(int zipFlags) {
            this.flags = zipFlags;
            this.localFlags = zipFlags;
            return this;
        }

        public Entry localName(String other) {
            this.localName = other;
            return this;
        }

        public Entry localSize(long other) {
            this.localSize = other;
            return this;
        }

        public Entry size(long other) {
            this.size = other;
            this.localSize = other;
            return this;
        }

        public Entry crc(long other) {
            this.crc = other;
            return this;
        }

        /** As zips written by systems without unix modes. */
        public Entry madeOnDos() {
            this.madeBy = 20;
            this.mode = 0;
            return this;
        }

        /** In the file, but not in its list of entries. */
        public Entry hidden() {
            this.hidden = true;
            return this;
        }

        /** In the list of entries, with its data at the place of another entry. */
        public Entry at(long otherOffset) {
            this.offset = otherOffset;
            this.noLocal = true;
            return this;
        }
    }

    public ZipForge add(Entry entry) {
        byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
        byte[] localName = entry.localName.getBytes(StandardCharsets.UTF_8);
        long offset = entry.offset >= 0 ? entry.offset : body.size();
        if (!entry.noLocal) {
            ByteBuffer local = buffer(LOCAL_LENGTH + localName.length);
            local.putInt(0x04034b50).putShort((short) 20).putShort((short) entry.localFlags);
            local.putShort((short) entry.method).putInt(33 << 16);
            local.putInt((int) entry.crc).putInt((int) entry.packed).putInt((int) entry.localSize);
            local.putShort((short) localName.length).putShort((short) 0).put(localName);
            body.writeBytes(taken(local));
            body.writeBytes(entry.data);
        }
        if (!entry.hidden) {
            ByteBuffer central = buffer(46 + name.length);
            central.putInt(0x02014b50).putShort((short) entry.madeBy).putShort((short) 20);
            central.putShort((short) entry.flags).putShort((short) entry.method).putInt(33 << 16);
            central.putInt((int) entry.crc).putInt((int) entry.packed).putInt((int) entry.size);
            central.putShort((short) name.length).putLong(0);
            central.putInt(entry.mode << 16).putInt((int) offset).put(name);
            directory.writeBytes(taken(central));
            entries++;
        }
        return this;
    }

    /** Bytes between the entries that belong to none. */
    public ZipForge junk(String text) {
        body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    public ZipForge comment(byte[] text) {
        this.comment = text.clone();
        return this;
    }

    /** All before the list of entries. */
    public byte[] body() {
        return body.toByteArray();
    }

    public byte[] toBytes() {
        ByteArrayOutputStream zip = new ByteArrayOutputStream();
        zip.writeBytes(body.toByteArray());
        zip.writeBytes(directory.toByteArray());
        zip.writeBytes(end(entries, directory.size(), body.size(), comment.length));
        zip.writeBytes(comment);
        return zip.toByteArray();
    }

    /** An end record, also for hiding in a comment. */
    public static byte[] end(int entries, int directorySize, int directoryOffset, int commentLength) {
        ByteBuffer end = buffer(22);
        end.putInt(0x06054b50).putInt(0).putShort((short) entries).putShort((short) entries);
        end.putInt(directorySize).putInt(directoryOffset).putShort((short) commentLength);
        return taken(end);
    }

    private static ByteBuffer buffer(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] taken(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }
}
