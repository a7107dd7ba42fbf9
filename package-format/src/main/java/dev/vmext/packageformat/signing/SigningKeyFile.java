package dev.vmext.packageformat.signing;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Keeps a publisher's private key on disk, for its owner only from the first byte on. Stateless. */
public final class SigningKeyFile {
    private static final int MAX_BYTES = 1 << 14;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private SigningKeyFile() {}

    /** Writes a new file; an existing one is never replaced, because a lost key cannot be made again. */
    public static void write(Path file, SigningKey key) {
        FileAttribute<?>[] attributes = isPosix(file)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        try (var channel = Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
            ByteBuffer bytes = ByteBuffer.wrap(key.toPem().getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (FileAlreadyExistsException exists) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot write signing key " + file + ": the file exists already",
                    "choose another name; an existing key is never replaced",
                    exists);
        } catch (IOException failed) {
            throw failed("write", file, failed);
        }
    }

    /** Reads the key, and refuses a file that others may read or change. */
    public static SigningKey read(Path file) {
        try (var in = Files.newInputStream(file)) {
            if (isPosix(file)) {
                Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
                others.removeIf(permission -> permission.name().startsWith("OWNER"));
                if (!others.isEmpty()) {
                    throw new PackageException(
                            PackageProblem.UNSAFE_KEY_FILE,
                            "cannot use signing key " + file + ": others than its owner may access it",
                            "run chmod 600 on it, and make a new key if it may have been copied");
                }
            }
            return SigningKey.ofPem(new String(in.readNBytes(MAX_BYTES), StandardCharsets.US_ASCII));
        } catch (NoSuchFileException missing) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot read signing key " + file + ": it does not exist",
                    "make one with \"vmext extension keygen\"",
                    missing);
        } catch (IOException failed) {
            throw failed("read", file, failed);
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static PackageException failed(String verb, Path file, IOException failed) {
        return new PackageException(
                PackageProblem.FILE_FAILED,
                "cannot " + verb + " signing key " + file + ": " + failed.getMessage(),
                "",
                failed);
    }
}
