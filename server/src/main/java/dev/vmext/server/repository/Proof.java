package dev.vmext.server.repository;

import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.RepositoryStatus;
import dev.vmext.server.repository.Restic.Restored;
import dev.vmext.server.repository.Restic.Snapshot;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The restore drill: the newest snapshot into a throw-away folder, then a program of the host's owner that looks at it. The program lies in
 * a folder that nobody reaches over the API; only its file name comes from there. Thread-safe.
 */
final class Proof {
    private static final Duration LONGEST = Duration.ofHours(4);
    private static final int MAX_SAID = 4096;
    private static final int MAX_MESSAGE = 400;
    /** Space that is left free besides what the restore needs. */
    private static final long SPARE = 64L << 20;

    private final Restic restic;
    private final Path programs;
    private final Path throwAway;
    private final InstantSource clock;
    private final Supplier<String> freshNames;

    /**
     * Makes nothing yet.
     *
     * @param programs what may look at restored files
     * @param throwAway where they are restored; emptied by {@link #clear}
     */
    Proof(Restic restic, Path programs, Path throwAway, InstantSource clock, Supplier<String> freshNames) {
        this.restic = restic;
        this.programs = programs;
        this.throwAway = throwAway;
        this.clock = clock;
        this.freshNames = freshNames;
    }

    /** What an earlier process left. */
    void clear() throws IOException {
        if (Files.isDirectory(throwAway)) {
            OwnFolders.deleteTree(throwAway);
        }
        Files.createDirectories(
                throwAway, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    RepositoryStatus.Proof run(Restic.Place place, RepositoryPolicy policy) {
        Instant begun = clock.instant();
        Path into = throwAway.resolve(freshNames.get());
        Snapshot newest = null;
        Instant restoredAt = begun;
        Restored restored = new Restored(0, 0);
        String wrong = "";
        String said = "";
        try {
            List<Snapshot> all = restic.snapshots(place);
            if (all.isEmpty()) {
                throw new ResticException(ResticException.Kind.FAILED, "there is no snapshot yet");
            }
            newest = all.getLast();
            List<String> include = policy.proofInclude() == null ? List.of() : policy.proofInclude();
            long needed = restic.restoreSize(place, newest.view().id());
            long free = Files.getFileStore(throwAway).getUsableSpace();
            if (include.isEmpty() && free - SPARE < needed) {
                throw new ResticException(
                        ResticException.Kind.FAILED,
                        "the restore needs " + needed + " bytes and " + throwAway.getParent() + " has " + free
                                + " free; name the paths that count with proofInclude");
            }
            Files.createDirectory(
                    into, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Instant from = clock.instant();
            restored = restic.restore(place, newest.view().id(), include, into);
            restoredAt = clock.instant();
            begun = from;
            if (restored.files() == 0) {
                throw new ResticException(ResticException.Kind.FAILED, "nothing was restored");
            }
            String program = policy.proofProgram() == null ? "" : policy.proofProgram();
            if (!program.isEmpty()) {
                said = look(program, into, newest);
            }
        } catch (ResticException e) {
            wrong = e.message();
        } catch (IOException e) {
            wrong = "cannot restore into " + throwAway + ": " + e.getMessage();
        } finally {
            remove(into);
        }
        Instant now = clock.instant();
        return new RepositoryStatus.Proof(
                now,
                wrong.isEmpty(),
                wrong.isEmpty() ? restored.files() + " files restored" + (said.isEmpty() ? "" : "; " + said) : wrong,
                newest == null ? "" : newest.view().id(),
                newest == null ? null : newest.view().time(),
                newest == null
                        ? 0
                        : Math.max(
                                0, Duration.between(newest.view().time(), begun).toSeconds()),
                Math.max(0, Duration.between(begun, restoredAt).toSeconds()),
                restored.files(),
                restored.bytes());
    }

    /** Asks the owner's program; what it says last is kept. */
    private String look(String name, Path restored, Snapshot snapshot) throws ResticException {
        Path program = programs.resolve(name);
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new ResticException(
                    ResticException.Kind.FAILED,
                    "there is no executable " + name + " in " + programs
                            + "; the owner of this host puts it there, or set proofProgram to another one");
        }
        ProcessBuilder builder = new ProcessBuilder(program.toString(), restored.toString())
                .directory(restored.toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment()
                .putAll(Map.of(
                        "PATH",
                        "/usr/local/bin:/usr/bin:/bin",
                        "LC_ALL",
                        "C.UTF-8",
                        "VMEXT_SNAPSHOT",
                        snapshot.view().id(),
                        "VMEXT_HOST",
                        snapshot.view().host()));
        try {
            HostRun.Ended ended = HostRun.run(builder, LONGEST, MAX_SAID);
            String line = ended.out().strip().replaceAll("\\s*\\R\\s*", "; ");
            String brief = line.length() <= MAX_MESSAGE ? line : line.substring(0, MAX_MESSAGE) + "...";
            if (ended.code() != 0) {
                throw new ResticException(
                        ResticException.Kind.FAILED, name + " ended with " + ended.code() + ": " + brief);
            }
            return brief;
        } catch (IOException e) {
            throw new ResticException(ResticException.Kind.FAILED, name + " cannot be run: " + e.getMessage(), e);
        } catch (HostRun.Late e) {
            throw new ResticException(
                    ResticException.Kind.FAILED,
                    name + " did not end within " + LONGEST.toHours() + " hours and was stopped",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResticException(ResticException.Kind.FAILED, "the control plane stops", e);
        }
    }

    private static void remove(Path into) {
        try {
            if (Files.isDirectory(into)) {
                makeDeletable(into);
                OwnFolders.deleteTree(into);
            }
        } catch (IOException e) {
            System.getLogger(Proof.class.getName())
                    .log(System.Logger.Level.WARNING, "Cannot delete {0}; it goes at the next start: {1}", into, e);
        }
    }

    /** Folders come back with the modes that they had, and some owners forbid themselves to write. */
    private static void makeDeletable(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path unreadable, IOException why) throws IOException {
                if (!Files.isDirectory(unreadable, LinkOption.NOFOLLOW_LINKS) || Files.isReadable(unreadable)) {
                    throw why;
                }
                Files.setPosixFilePermissions(unreadable, PosixFilePermissions.fromString("rwx------"));
                makeDeletable(unreadable);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
