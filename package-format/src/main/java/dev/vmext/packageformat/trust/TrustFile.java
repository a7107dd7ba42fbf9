package dev.vmext.packageformat.trust;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.json.JsonDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Reads and writes {@code trust.json} on disk. Stateless; any thread. */
public final class TrustFile {
    private TrustFile() {}

    public static TrustPolicy read(Path file) {
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(JsonDocument.MAX_BYTES + 1);
        } catch (NoSuchFileException missing) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot read trust file " + file + ": it does not exist",
                    "enrol the machine again, or write it as docs/reference/package-format.md says",
                    missing);
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot read trust file " + file + ": " + failed.getMessage(),
                    "",
                    failed);
        }
        return TrustPolicy.parse(bytes);
    }

    /** Replaces the file in one step, so that nobody ever reads half of it. */
    public static void write(Path file, TrustPolicy policy) {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(next, policy.toBytes());
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED,
                    "cannot write trust file " + file + ": " + failed.getMessage(),
                    "",
                    failed);
        }
    }
}
