package dev.vmext.packageformat.archive;

import dev.vmext.packageformat.PackageException;
import dev.vmext.packageformat.PackageProblem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The SHA-256 of a package file, written {@code sha256:<hex>} in lower case. */
public record PackageDigest(String text) {
    private static final String PREFIX = "sha256:";
    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

    public PackageDigest {
        if (!FORM.matcher(text).matches()) {
            throw new PackageException(
                    PackageProblem.DIGEST_MISMATCH,
                    "cannot use a text of " + text.length()
                            + " characters as a digest: it is not sha256:<64 hex digits>",
                    "");
        }
    }

    public static PackageDigest of(byte[] bytes) {
        return new PackageDigest(PREFIX + HexFormat.of().formatHex(sha256().digest(bytes)));
    }

    public static PackageDigest ofFile(Path file) {
        MessageDigest digest = sha256();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
        } catch (IOException failed) {
            throw new PackageException(
                    PackageProblem.FILE_FAILED, "cannot read " + file + ": " + failed.getMessage(), "", failed);
        }
        return new PackageDigest(PREFIX + HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }

    /** The 64 hex digits, for file names and paths. */
    public String hex() {
        return text.substring(PREFIX.length());
    }

    @Override
    public String toString() {
        return text;
    }
}
