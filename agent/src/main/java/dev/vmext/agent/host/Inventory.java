package dev.vmext.agent.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a machine has at one time, as sorted hashes of 8 bytes a thing: enough to tell what is new later, and small enough to keep.
 * Immutable.
 */
final class Inventory {
    private static final int MAGIC = 0x766d7831; // vmx1
    /** Things that one command is credited with. */
    static final int MAX_ADDED = 1000;

    private final long[] hashes;
    private final boolean complete;

    private Inventory(long[] hashes, boolean complete) {
        this.hashes = hashes;
        this.complete = complete;
    }

    static Inventory take(MachineScan scan) throws IOException {
        // Grows by doubling; a list of boxed numbers would take five times as much of a small heap.
        long[][] found = {new long[4096]};
        int[] count = {0};
        boolean complete = scan.run(thing -> {
            if (count[0] == found[0].length) {
                found[0] = Arrays.copyOf(found[0], count[0] * 2);
            }
            found[0][count[0]++] = thing.hash();
            return true;
        });
        long[] hashes = Arrays.copyOf(found[0], count[0]);
        Arrays.sort(hashes);
        return new Inventory(hashes, complete);
    }

    int size() {
        return hashes.length;
    }

    private boolean has(Thing thing) {
        return Arrays.binarySearch(hashes, thing.hash()) >= 0;
    }

    /**
     * What is there now and was not then. A new folder stands for all in it, a new package for the files it brought. Files are left
     * out when the machine has too many of them to be compared.
     */
    List<Thing> added(MachineScan scan) throws IOException {
        List<Thing> added = new ArrayList<>();
        scan.run(thing -> {
            if (has(thing)) {
                return true;
            }
            if ((complete || thing.path() == null) && added.size() < MAX_ADDED) {
                added.add(thing);
            }
            return false;
        });
        Set<Path> ofPackages = new HashSet<>();
        for (Thing thing : added) {
            if (thing.kind().equals(Thing.PACKAGE)) {
                ofPackages.addAll(scan.filesOf(thing.name()));
            }
        }
        added.removeIf(thing -> thing.path() != null && ofPackages.contains(thing.path()));
        return added;
    }

    void write(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(9 + 8 * hashes.length);
        bytes.putInt(MAGIC).put((byte) (complete ? 1 : 0)).putInt(hashes.length);
        for (long hash : hashes) {
            bytes.putLong(hash);
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.write(next, bytes.array());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Empty when it is not there or torn. */
    static Optional<Inventory> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        if (bytes.remaining() < 9 || bytes.getInt() != MAGIC) {
            return Optional.empty();
        }
        boolean complete = bytes.get() == 1;
        int count = bytes.getInt();
        if (count < 0 || bytes.remaining() != 8L * count) {
            return Optional.empty();
        }
        long[] hashes = new long[count];
        bytes.asLongBuffer().get(hashes);
        return Optional.of(new Inventory(hashes, complete));
    }
}
