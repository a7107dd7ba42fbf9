package dev.vmext.server.repository;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The files of all repositories, in the layout of restic's local backend, so that the real program works on them here. What comes from
 * machines is only ever added: a file is written beside, hashed on the way, forced to the disk and then linked to its name, which must
 * not exist. Thread-safe.
 *
 * <pre>
 *   repositories/.incoming/            what is being uploaded; emptied at start
 *   repositories/MACHINE/INSTALLATION/ config, keys, data/xx, index, snapshots, locks
 *   repositories/MACHINE/INSTALLATION/.uploaded/  which machine brought a lock, for as long as there is one
 * </pre>
 */
public final class RepositoryFiles {
    private static final System.Logger LOG = System.getLogger(RepositoryFiles.class.getName());
    private static final int CHUNK = 64 * 1024;
    private static final String OWNER_FOLDER = "rwx------";

    private final Path root;
    private final Path incoming;
    private final long reserve;
    private final Supplier<String> freshNames;
    private final Map<RepositoryPlace, Usage> usages = new ConcurrentHashMap<>();
    private final Map<RepositoryPlace, String> refused = new ConcurrentHashMap<>();

    /** What a repository takes, uploads under way included. */
    private static final class Usage {
        private final AtomicLong bytes;

        Usage(long bytes) {
            this.bytes = new AtomicLong(bytes);
        }
    }

    /** A file and its size. */
    public record Entry(String name, long size) {}

    /** Takes what a listing finds. */
    @FunctionalInterface
    public interface Each {
        void entry(Entry entry) throws IOException;
    }

    private RepositoryFiles(Path root, long reserve, Supplier<String> freshNames) {
        this.root = root;
        this.incoming = root.resolve(".incoming");
        this.reserve = reserve;
        this.freshNames = freshNames;
    }

    /**
     * Opens the folder, and clears away uploads that a stop of the server cut off.
     *
     * @param reserve bytes of the disk that no upload takes, because the control plane itself needs them
     * @param freshNames gives names that were never given before
     */
    public static RepositoryFiles open(Path root, long reserve, Supplier<String> freshNames) throws IOException {
        RepositoryFiles files = new RepositoryFiles(root, reserve, freshNames);
        folder(files.root);
        folder(files.incoming);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(files.incoming)) {
            for (Path one : left) {
                deleteTree(one);
            }
        }
        return files;
    }

    /** Where the real program finds this repository. */
    public Path folder(RepositoryPlace place) {
        return root.resolve(place.machineId()).resolve(place.installation());
    }

    private static void folder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(OWNER_FOLDER)));
        }
    }

    /** Makes the folders; what is there stays. */
    public void create(RepositoryPlace place) {
        try {
            Path folder = folder(place);
            for (FileKind kind : FileKind.values()) {
                if (kind != FileKind.CONFIG) {
                    folder(folder.resolve(kind.folder()));
                }
            }
            for (int i = 0; i < 256; i++) {
                folder(folder.resolve("data").resolve(HexFormat.of().toHexDigits((byte) i)));
            }
        } catch (IOException e) {
            throw unwritable(place, e);
        }
    }

    public OptionalLong size(FileName file) {
        try {
            return OptionalLong.of(Files.size(file.under(folder(file.place()))));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at a file of repository " + file.place(), e);
        }
    }

    public InputStream open(FileName file, long from) throws IOException {
        FileChannel channel = FileChannel.open(file.under(folder(file.place())));
        try {
            return Channels.newInputStream(channel.position(from));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** All files of a kind, in no order; nothing of a repository that was never made. */
    public void list(RepositoryPlace place, FileKind kind, Each each) throws IOException {
        Path folder = folder(place).resolve(kind.folder());
        if (kind != FileKind.DATA) {
            listFolder(folder, each);
            return;
        }
        for (int i = 0; i < 256; i++) {
            listFolder(folder.resolve(HexFormat.of().toHexDigits((byte) i)), each);
        }
    }

    private static void listFolder(Path folder, Each each) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder)) {
            for (Path file : found) {
                try {
                    each.entry(new Entry(file.getFileName().toString(), Files.size(file)));
                } catch (NoSuchFileException goneMeanwhile) {
                    // A lock, or something that was forgotten just now.
                }
            }
        }
    }

    /**
     * Adds a file; the same file again changes nothing.
     *
     * @param length as announced; negative when it was not
     * @param quota bytes that the repository may take, 0 for no limit
     * @param machineId who brings it
     */
    public void add(FileName file, InputStream content, long length, long quota, String machineId) {
        refuseLarge(file, length);
        refuseSecondKey(file);
        Usage usage = usage(file.place());
        Path fresh = incoming.resolve(freshNames.get());
        Counted counted = new Counted(file, usage, quota);
        boolean kept = false;
        try {
            if (length > 0) {
                counted.reserve(length);
            }
            String hash = receive(file, content, fresh, counted, length);
            if (file.kind() != FileKind.CONFIG && !hash.equals(file.name())) {
                throw new ProblemException(
                        ProblemCode.REPOSITORY_DIGEST_MISMATCH,
                        "cannot take " + file + ": what came has the SHA-256 " + hash,
                        "send it again; if that happens each time, look for what changes it on the way");
            }
            if (file.kind() == FileKind.LOCKS) {
                note(file, machineId);
            }
            kept = name(file, fresh);
            if (file.kind() == FileKind.DATA) {
                refused.remove(file.place());
            }
        } catch (ProblemException e) {
            throw noted(file, e);
        } catch (IOException e) {
            throw noted(file, failed(file, e));
        } finally {
            if (!kept) {
                counted.giveBack();
            }
            delete(fresh);
        }
    }

    private ProblemException noted(FileName file, ProblemException e) {
        if (e.problem().code().equals(ProblemCode.REPOSITORY_FULL.wire())) {
            refused.put(file.place(), e.detail());
        }
        return e;
    }

    /** Why the last upload of data was refused for want of space, if it was. */
    public Optional<String> refusedForSpace(RepositoryPlace place) {
        return Optional.ofNullable(refused.get(place));
    }

    private static void refuseLarge(FileName file, long length) {
        if (length > file.kind().limit()) {
            throw new ProblemException(
                    ProblemCode.REQUEST_TOO_LARGE,
                    "cannot take " + file + ": it is larger than " + file.kind().limit() + " bytes",
                    "use smaller packs (restic --pack-size)");
        }
    }

    /** A program that opens a repository tries a few keys and then gives up: nobody may push the real one out of sight. */
    private void refuseSecondKey(FileName file) {
        if (file.kind() != FileKind.KEYS || size(file).isPresent()) {
            return;
        }
        List<Entry> keys = new ArrayList<>();
        try {
            list(file.place(), FileKind.KEYS, keys::add);
        } catch (IOException e) {
            throw unwritable(file.place(), e);
        }
        if (!keys.isEmpty()) {
            throw appendOnly("add another key to the repository", "it has the one that the control plane made");
        }
    }

    /** Bytes of one upload, held against quota and disk as they come. */
    private final class Counted {
        private final FileName file;
        private final Usage usage;
        private final long quota;
        private long taken;

        Counted(FileName file, Usage usage, long quota) {
            this.file = file;
            this.usage = usage;
            this.quota = quota;
        }

        /** Makes sure that so many bytes in all may come. */
        void reserve(long whole) throws IOException {
            if (whole <= taken) {
                return;
            }
            long more = whole - taken;
            long after = usage.bytes.addAndGet(more);
            taken = whole;
            if (quota > 0 && after > quota && file.kind() != FileKind.LOCKS) {
                throw new ProblemException(
                        ProblemCode.REPOSITORY_FULL,
                        "cannot take " + file + ": the repository would hold " + after + " bytes, and its quota is "
                                + quota,
                        "raise quotaMiB of the repository, or keep fewer snapshots and prune it");
            }
            if (Files.getFileStore(incoming).getUsableSpace() - more < reserve) {
                throw fullDisk(file);
            }
        }

        void giveBack() {
            usage.bytes.addAndGet(-taken);
            taken = 0;
        }
    }

    private static ProblemException fullDisk(FileName file) {
        return new ProblemException(
                ProblemCode.REPOSITORY_FULL,
                "cannot take " + file + ": the disk of the control plane is full",
                "free space there, or keep fewer snapshots and prune its repositories");
    }

    private static String receive(FileName file, InputStream content, Path into, Counted counted, long length)
            throws IOException {
        MessageDigest digest = sha256();
        long size = 0;
        byte[] chunk = new byte[CHUNK];
        try (FileChannel out = FileChannel.open(
                into,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            for (int read = content.read(chunk); read >= 0; read = content.read(chunk)) {
                size += read;
                refuseLarge(file, size);
                counted.reserve(size);
                digest.update(chunk, 0, read);
                ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
            }
            if (length >= 0 && size != length) {
                throw new IOException("the upload ended after " + size + " of " + length + " bytes");
            }
            out.force(true);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Gives the file its name, unless something has it; false when the same content had it already. */
    private boolean name(FileName file, Path fresh) throws IOException {
        Path named = file.under(folder(file.place()));
        Path folder = named.resolveSibling("");
        try {
            Files.createLink(named, fresh);
        } catch (FileAlreadyExistsException e) {
            if (file.kind() == FileKind.CONFIG && Files.mismatch(named, fresh) >= 0) {
                throw appendOnly("replace the configuration of the repository", "it has one");
            }
            return false;
        } catch (NoSuchFileException e) {
            throw new ProblemException(
                    ProblemCode.REPOSITORY_NOT_FOUND,
                    "cannot take " + file + ": the repository was not made yet",
                    "make it first: restic init");
        }
        try (FileChannel entry = FileChannel.open(folder, StandardOpenOption.READ)) {
            entry.force(true);
        }
        return true;
    }

    /** Says what is refused and why. */
    public static ProblemException appendOnly(String what, String why) {
        return new ProblemException(
                ProblemCode.REPOSITORY_APPEND_ONLY,
                "cannot " + what + ": " + why,
                "machines only add to their repositories; old snapshots go by the policy of the repository"
                        + " (vmext repository set)");
    }

    /** The temporary file; after the link was made it has two names. */
    private static void delete(Path fresh) {
        try {
            Files.deleteIfExists(fresh);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot delete {0}; it goes at the next start: {1}", fresh, e);
        }
    }

    private ProblemException failed(FileName file, IOException e) {
        try {
            if (Files.getFileStore(incoming).getUsableSpace() < Math.max(reserve, CHUNK)) {
                return fullDisk(file);
            }
        } catch (IOException unknown) {
            e.addSuppressed(unknown);
        }
        return new ProblemException(
                ProblemCode.REPOSITORY_WORK_FAILED,
                "cannot take " + file + ": " + e.getMessage(),
                "send it again; if that does not help, look at the log of the control plane",
                e);
    }

    private static ProblemException unwritable(RepositoryPlace place, IOException e) {
        return new ProblemException(
                ProblemCode.REPOSITORY_WORK_FAILED,
                "cannot use the folder of repository " + place + ": " + e.getMessage(),
                "look at the folder repositories of the control plane",
                e);
    }

    private Path noteOf(FileName lock) {
        return folder(lock.place()).resolve(".uploaded").resolve(lock.name());
    }

    private void note(FileName lock, String machineId) throws IOException {
        folder(noteOf(lock).resolveSibling(""));
        Files.writeString(noteOf(lock), machineId, StandardCharsets.US_ASCII);
    }

    /** Deletes a lock that this machine brought; false when there is none. Locks of the control plane and of other machines stay. */
    public boolean deleteLock(FileName lock, String machineId) {
        if (lock.kind() != FileKind.LOCKS) {
            throw appendOnly("delete " + lock, "it belongs to the backups");
        }
        OptionalLong size = size(lock);
        if (size.isEmpty()) {
            return false;
        }
        try {
            if (!Files.exists(noteOf(lock)) || !Files.readString(noteOf(lock)).equals(machineId)) {
                throw appendOnly("delete " + lock, "it is the lock of somebody else");
            }
            Files.deleteIfExists(lock.under(folder(lock.place())));
            Files.deleteIfExists(noteOf(lock));
            usage(lock.place()).bytes.addAndGet(-size.getAsLong());
            return true;
        } catch (IOException e) {
            throw unwritable(lock.place(), e);
        }
    }

    /** What the repository takes on the disk. */
    public long bytes(RepositoryPlace place) {
        return usage(place).bytes.get();
    }

    private Usage usage(RepositoryPlace place) {
        return usages.computeIfAbsent(place, this::walked);
    }

    private Usage walked(RepositoryPlace place) {
        long[] sum = {0};
        Path folder = folder(place);
        if (Files.isDirectory(folder)) {
            try {
                Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        sum[0] += attributes.size();
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFileFailed(Path file, IOException goneMeanwhile) {
                        return FileVisitResult.CONTINUE;
                    }
                });
            } catch (IOException e) {
                throw unwritable(place, e);
            }
        }
        return new Usage(sum[0]);
    }

    /** Somebody else worked on the files: they are counted anew. */
    public void changed(RepositoryPlace place) {
        usages.computeIfPresent(place, (same, old) -> walked(same));
    }

    /** How many snapshots there are, and when the newest was complete by this host's clock. */
    public record Snapshots(int count, @Nullable Instant newest) {}

    public Snapshots snapshots(RepositoryPlace place) {
        int count = 0;
        Instant newest = null;
        for (Instant at : arrivals(place).values()) {
            count++;
            newest = newest == null || at.isAfter(newest) ? at : newest;
        }
        return new Snapshots(count, newest);
    }

    /** When each snapshot was complete, by its id. */
    public Map<String, Instant> arrivals(RepositoryPlace place) {
        Map<String, Instant> at = new ConcurrentHashMap<>();
        Path folder = folder(place).resolve(FileKind.SNAPSHOTS.folder());
        try {
            listFolder(
                    folder,
                    entry -> at.put(
                            entry.name(),
                            Files.getLastModifiedTime(folder.resolve(entry.name()))
                                    .toInstant()));
        } catch (IOException e) {
            throw unwritable(place, e);
        }
        return at;
    }

    /** Whether anything was ever put in it. */
    public boolean initialised(RepositoryPlace place) {
        return Files.exists(folder(place).resolve("config"));
    }

    /** Deletes all of it. */
    public void delete(RepositoryPlace place) {
        try {
            Optional<Path> folder = Optional.of(folder(place)).filter(Files::isDirectory);
            if (folder.isPresent()) {
                Path gone = incoming.resolve(freshNames.get());
                Files.move(folder.get(), gone);
                deleteTree(gone);
            }
        } catch (IOException e) {
            throw unwritable(place, e);
        }
        usages.remove(place);
    }

    /** A folder with all that is in it; links are not followed. */
    static void deleteTree(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failed) throws IOException {
                if (failed != null) {
                    throw failed;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
