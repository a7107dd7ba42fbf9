package dev.vmext.server.repository.s3;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What opens the store. Does not show its secret. */
public record S3Credentials(String accessKey, String secretKey) {
    static final String ACCESS_KEY = "AWS_ACCESS_KEY_ID";
    static final String SECRET_KEY = "AWS_SECRET_ACCESS_KEY";

    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    /** From the file that the settings name, or else from the environment of the server. */
    public static S3Credentials find(S3Settings settings, Map<String, String> environment) {
        return settings.credentialsFile()
                .map(file -> of(read(file), "in " + file))
                .orElseGet(() -> of(environment, "in the environment of the server"));
    }

    private static Map<String, String> read(Path file) {
        String text;
        try {
            Set<PosixFilePermission> open = EnumSet.copyOf(OTHERS);
            open.retainAll(Files.getPosixFilePermissions(file));
            if (!open.isEmpty()) {
                throw new ProblemException(
                        ProblemCode.FILE_UNREADABLE,
                        "cannot use the credentials in " + file + ": others than its owner may open it",
                        "chmod 600 " + file);
            }
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot read the credentials in " + file + ": " + e,
                    "Make that file, readable by the user of the server only, or correct"
                            + " repositoryStore.credentialsFile in server.json.",
                    e);
        }
        Map<String, String> found = new HashMap<>();
        for (String line : text.lines().toList()) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                found.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        }
        return found;
    }

    private static S3Credentials of(Map<String, String> found, String where) {
        return new S3Credentials(value(found, ACCESS_KEY, where), value(found, SECRET_KEY, where));
    }

    private static String value(Map<String, String> found, String name, String where) {
        String value = found.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot open the store of repositories: there is no " + name + " " + where,
                    "Give lines " + ACCESS_KEY + "=... and " + SECRET_KEY + "=... in a file that"
                            + " repositoryStore.credentialsFile in server.json names, or both variables to the server.");
        }
        return value;
    }

    @Override
    public String toString() {
        return "S3Credentials[" + accessKey + "]";
    }
}
