package dev.vmext.server.repository.s3;

import dev.vmext.testkit.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Puts objects into a store as its operator may, past the storage. One test's thread. */
public final class S3ByHand {
    static final S3Credentials CREDENTIALS = new S3Credentials(S3Server.ACCESS_KEY, S3Server.SECRET_KEY);

    private S3ByHand() {}

    static S3Settings settings(S3Server server, String bucket, String prefix) {
        return new S3Settings(server.endpoint(), bucket, prefix, "us-east-1", true, Optional.empty());
    }

    /** All files below a folder, under this prefix. */
    public static void put(S3Server server, String bucket, String prefix, Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        try (S3Store store = new S3Store(settings(server, bucket, prefix), CREDENTIALS)) {
            for (Path file : files) {
                store.put(prefix + "/" + folder.relativize(file), file, Map.of(), false);
            }
        }
    }
}
