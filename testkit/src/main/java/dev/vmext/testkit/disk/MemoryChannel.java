package dev.vmext.testkit.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonReadableChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** An open file of a {@link MemoryDisk}. One thread. */
final class MemoryChannel extends FileChannel {
    private final MemoryDisk disk;
    private final String name;
    private final Node node;
    private final boolean reads;
    private final boolean writes;
    private final boolean appends;
    private int position;

    MemoryChannel(MemoryDisk disk, String name, Node node, boolean reads, boolean writes, boolean appends) {
        this.disk = disk;
        this.name = name;
        this.node = node;
        this.reads = reads;
        this.writes = writes;
        this.appends = appends;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = read(into, position);
        position += Math.max(read, 0);
        return read;
    }

    @Override
    public int read(ByteBuffer into, long at) throws IOException {
        if (!reads) {
            throw new NonReadableChannelException();
        }
        byte[] content = node.content();
        if (at >= content.length) {
            return -1;
        }
        int length = Math.min(into.remaining(), content.length - (int) at);
        into.put(content, (int) at, length);
        return length;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) throws IOException {
        long all = 0;
        for (int i = offset; i < offset + length; i++) {
            int read = read(into[i]);
            if (read < 0) {
                return all == 0 ? -1 : all;
            }
            all += read;
        }
        return all;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int at = appends ? node.content().length : position;
        int written = write(from, at);
        position = at + written;
        return written;
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
        if (!writes) {
            throw new NonWritableChannelException();
        }
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        disk.write(name, node, (int) at, bytes);
        return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long all = 0;
        for (int i = offset; i < offset + length; i++) {
            all += write(from[i]);
        }
        return all;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public FileChannel position(long to) {
        position = (int) to;
        return this;
    }

    @Override
    public long size() {
        return node.content().length;
    }

    @Override
    public FileChannel truncate(long size) {
        disk.change("truncate " + name, () -> node.truncate((int) size));
        position = (int) Math.min(position, size);
        return this;
    }

    @Override
    public void force(boolean metaData) {
        disk.change("force " + name, node::force);
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel target) throws IOException {
        byte[] content = node.content();
        int length = (int) Math.max(0, Math.min(count, content.length - at));
        return length == 0 ? 0 : target.write(ByteBuffer.wrap(content, (int) at, length));
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long at, long count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(count, 1 << 20));
        int read = source.read(buffer);
        return read <= 0 ? 0 : write(buffer.flip(), at);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) {
        throw new UnsupportedOperationException("a file in memory cannot be mapped");
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException("a file in memory cannot be locked");
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) {
        throw new UnsupportedOperationException("a file in memory cannot be locked");
    }

    @Override
    protected void implCloseChannel() {
        // nothing is held
    }
}
