package dev.vmext.server.repository.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * The few calls to a store that repositories need, each of which every S3-compatible store knows, with failures as {@link IOException}.
 * Thread-safe.
 */
final class S3Store implements AutoCloseable {
    /** Something was done to that name in the same moment. */
    private static final int CONFLICT = 409;

    private static final int PRECONDITION_FAILED = 412;
    private static final int NOT_FOUND = 404;
    private static final int TRIES = 3;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final S3Client client;
    private final String bucket;

    private interface Call<T> {
        T call() throws IOException;
    }

    /** Takes what a listing finds. */
    interface Found {
        void object(S3Object object) throws IOException;
    }

    /** Connects at the first call. Reads no other configuration of this host than what is given. */
    S3Store(S3Settings settings, S3Credentials credentials) {
        this.bucket = settings.bucket();
        this.client = S3Client.builder()
                .endpointOverride(settings.endpoint())
                .region(Region.of(settings.region()))
                .forcePathStyle(settings.pathStyle())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(credentials.accessKey(), credentials.secretKey())))
                // Checksums of the newer kinds and bodies in signed chunks are what other stores know least.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .serviceConfiguration(
                        S3Configuration.builder().chunkedEncodingEnabled(false).build())
                .overrideConfiguration(override ->
                        override.defaultProfileFile(ProfileFile.aggregator().build()))
                .httpClient(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE)
                        .build())
                .build();
    }

    private static <T> T asking(Call<T> call) throws IOException {
        try {
            return call.call();
        } catch (SdkException e) {
            throw new IOException(words(e), e);
        }
    }

    /** What a person needs of it. */
    static String words(SdkException e) {
        if (e instanceof S3Exception answer && answer.awsErrorDetails() != null) {
            String code = String.valueOf(answer.awsErrorDetails().errorCode());
            return "the store says " + answer.statusCode() + " " + code + ": "
                    + answer.awsErrorDetails().errorMessage();
        }
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "the store does not answer: " + cause;
    }

    Optional<HeadObjectResponse> head(String key) throws IOException {
        return asking(() -> {
            try {
                return Optional.of(client.headObject(head -> head.bucket(bucket).key(key)));
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    InputStream open(String key, long from) throws IOException {
        return asking(() -> {
            try {
                return client.getObject(
                        get -> get.bucket(bucket).key(key).range(from > 0 ? "bytes=" + from + "-" : null));
            } catch (S3Exception e) {
                if (e.statusCode() == NOT_FOUND) {
                    throw new NoSuchFileException(key);
                }
                throw e;
            }
        });
    }

    /**
     * Puts all of a file at once; the store compares it with a digest before it is there.
     *
     * @param onlyNew asks the store to refuse when it has the name; false is the answer then
     */
    boolean put(String key, Path content, Map<String, String> metadata, boolean onlyNew) throws IOException {
        PutObjectRequest request = PutObjectRequest.builder()
                .bucket(bucket)
                .key(key)
                .contentMD5(md5(content))
                .metadata(metadata)
                .ifNoneMatch(onlyNew ? "*" : null)
                .build();
        return asking(() -> {
            for (int left = TRIES; ; left--) {
                try {
                    client.putObject(request, RequestBody.fromFile(content));
                    return true;
                } catch (S3Exception e) {
                    if (onlyNew && e.statusCode() == PRECONDITION_FAILED) {
                        return false;
                    }
                    if (!onlyNew || e.statusCode() != CONFLICT || left <= 1) {
                        throw e;
                    }
                }
            }
        });
    }

    /** No secret depends on it: it only tells whether the bytes arrived, and every store knows it. */
    private static String md5(Path content) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5", e);
        }
        byte[] chunk = new byte[64 * 1024];
        try (InputStream in = Files.newInputStream(content)) {
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
        }
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    /** All names that begin so. */
    void list(String prefix, Found found) throws IOException {
        asking(() -> {
            for (S3Object object : client.listObjectsV2Paginator(
                            list -> list.bucket(bucket).prefix(prefix))
                    .contents()) {
                found.object(object);
            }
            return true;
        });
    }

    boolean hasAny(String prefix) throws IOException {
        return asking(() -> !client.listObjectsV2(
                        list -> list.bucket(bucket).prefix(prefix).maxKeys(1))
                .contents()
                .isEmpty());
    }

    /** Nothing happens when it is not there. */
    void delete(String key) throws IOException {
        asking(() -> client.deleteObject(delete -> delete.bucket(bucket).key(key)));
    }

    @Override
    public void close() {
        client.close();
    }
}
