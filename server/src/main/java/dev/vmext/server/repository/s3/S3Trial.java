package dev.vmext.server.repository.s3;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Puts, reads, lists and deletes an object of no meaning, so that a wrong setting is told at start, and finds out what the store can do. */
final class S3Trial {
    private static final byte[] CONTENT = "vmext tries whether it may write here\n".getBytes(StandardCharsets.UTF_8);
    private static final int NOT_IMPLEMENTED = 501;
    private static final int BAD_REQUEST = 400;

    private final S3Store store;
    private final S3Settings settings;

    S3Trial(S3Store store, S3Settings settings) {
        this.store = store;
        this.settings = settings;
    }

    /**
     * Whether the store itself refuses to overwrite.
     *
     * @param fresh a file of this host that is not there yet
     * @throws ProblemException the store answered, and refuses
     * @throws IOException it did not answer as a store does
     */
    boolean run(Path fresh) throws IOException {
        String key = settings.before() + ".trial/" + fresh.getFileName();
        Files.write(fresh, CONTENT);
        try {
            boolean known = knowsCondition(key, fresh);
            if (!known) {
                store.put(key, fresh, Map.of(), false);
            }
            try (InputStream read = store.open(key, 0)) {
                if (!new String(read.readAllBytes(), StandardCharsets.UTF_8)
                        .equals(new String(CONTENT, StandardCharsets.UTF_8))) {
                    throw new IOException("the store gives back something else than it was given");
                }
            }
            boolean[] listed = {false};
            store.list(key, found -> listed[0] |= found.key().equals(key));
            if (!listed[0]) {
                throw new IOException("the store does not list what it was given");
            }
            // One that does not know the condition may ignore it in silence.
            boolean refuses = known && !store.put(key, fresh, Map.of(), true);
            store.delete(key);
            return refuses;
        } catch (IOException e) {
            throw told(e);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private boolean knowsCondition(String key, Path fresh) throws IOException {
        try {
            return store.put(key, fresh, Map.of(), true);
        } catch (IOException e) {
            if (e.getCause() instanceof S3Exception answer
                    && (answer.statusCode() == NOT_IMPLEMENTED || answer.statusCode() == BAD_REQUEST)) {
                return false;
            }
            throw e;
        }
    }

    private IOException told(IOException e) {
        if (!(e.getCause() instanceof S3Exception answer)) {
            return e;
        }
        String code = answer.awsErrorDetails() == null
                ? ""
                : String.valueOf(answer.awsErrorDetails().errorCode());
        if (code.equals("NoSuchBucket")) {
            throw wrong(
                    "there is no bucket \"" + settings.bucket() + "\"",
                    "Make it, or correct repositoryStore.bucket",
                    e);
        }
        return switch (answer.statusCode()) {
            case 401, 403 ->
                throw wrong(
                        S3Store.words(answer),
                        "Correct the credentials in "
                                + settings.credentialsFile().map(Path::toString).orElse("the environment of the server")
                                + ", or allow them to put, get, list and delete below the prefix; or correct"
                                + " repositoryStore",
                        e);
            case 301, 307, 308, 400, 404, 405, 501 ->
                throw wrong(
                        S3Store.words(answer), "Correct endpoint, bucket, region and pathStyle of repositoryStore", e);
            default -> e;
        };
    }

    private ProblemException wrong(String why, String hint, IOException e) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot keep repositories in " + settings.location() + ": " + why,
                hint + " in server.json.",
                e);
    }
}
