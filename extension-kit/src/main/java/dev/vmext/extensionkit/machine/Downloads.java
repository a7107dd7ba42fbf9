package dev.vmext.extensionkit.machine;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.HandlerLog;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/**
 * Fetches files and believes only their digest. A connection that breaks is tried again and goes on where it broke. All files of one
 * object share one time limit. One thread.
 */
public final class Downloads {
    private static final Duration CONNECT = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int TRIES = 5;
    private static final long LARGEST = 4L * 1024 * 1024 * 1024;
    private static final long DISK_LEFT = 64L * 1024 * 1024;

    private final Time time;
    private final HandlerLog log;
    private final HttpClient client;
    private final long limit;
    private final long seconds;

    /** Time that goes by, whatever the clock of the machine is set to. */
    public interface Time {
        long nanos();

        void pause(Duration time) throws InterruptedException;
    }

    /**
     * What is wanted.
     *
     * @param name for messages
     * @param digest {@code sha256:} and 64 digits; what has another one is refused
     * @param headers to ask with
     */
    public record Wish(String name, URI url, String digest, Map<String, String> headers) {
        public Wish {
            headers = Map.copyOf(headers);
        }

        /** Addresses may be signed, and headers are secret. */
        @Override
        public String toString() {
            return "Wish[" + name + ", " + digest + "]";
        }
    }

    /**
     * Downloads that belong together.
     *
     * @param timeout for all of them
     * @param proxy for all of them, as {@code http://host:port}
     */
    public Downloads(Time time, HandlerLog log, Duration timeout, Optional<URI> proxy) {
        this.time = time;
        this.log = log;
        this.seconds = timeout.toSeconds();
        this.limit = time.nanos() + timeout.toNanos();
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(CONNECT).followRedirects(HttpClient.Redirect.NORMAL);
        proxy.ifPresent(
                p -> builder.proxy(ProxySelector.of(InetSocketAddress.createUnresolved(p.getHost(), p.getPort()))));
        this.client = builder.build();
    }

    /** A server that will not give it, now or ever; the message says so without the address, which may be a secret. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    /**
     * Fetches a file; until it is complete and its digest was seen there is none of that name.
     *
     * @throws HandlerException with {@link ExitCode#EXECUTION}, saying why it cannot be had
     */
    public void fetch(Wish from, Path to) throws InterruptedException {
        Path part = to.resolveSibling("." + to.getFileName() + ".part");
        String why = "";
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                transfer(from, part);
                String digest = digest(part);
                if (!digest.equals(from.digest())) {
                    Files.delete(part);
                    throw problem(
                            from,
                            "what came has the digest %s and not %s".formatted(digest, from.digest()),
                            "Somebody changed the file on its server, or the digest in the settings is wrong. "
                                    + "Nothing was done with it.");
                }
                Files.move(part, to);
                return;
            } catch (Refused e) {
                throw problem(
                        from,
                        String.valueOf(e.getMessage()),
                        "Nothing was done with it. Check the address, then try again.");
            } catch (IOException e) {
                why = SmallFiles.why(e);
                if (left() <= 0) {
                    throw tooLong(from);
                }
                log.info("fetching %s broke (try %d of %d): %s".formatted(from.name(), attempt, TRIES, why));
                time.pause(Duration.ofSeconds(Math.min(attempt, Math.max(0, left() / 1_000_000_000L))));
            }
        }
        throw problem(from, why, "Nothing was done with it. Check the network of the machine, then try again.");
    }

    private void transfer(Wish from, Path part) throws IOException, InterruptedException, Refused {
        if (!Files.exists(part)) {
            SmallFiles.create(part, "rw-------").close();
        }
        long have = Files.size(part);
        HttpRequest.Builder request = HttpRequest.newBuilder(from.url()).timeout(ANSWER);
        from.headers().forEach(request::header);
        if (have > 0) {
            request.header("Range", "bytes=" + have + "-");
        }
        HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = answer.body()) {
            boolean goesOn = answer.statusCode() == 206 && have > 0;
            switch (answer.statusCode()) {
                case 200, 206 -> {}
                case 416 -> {
                    // It became shorter, or is complete and only its digest was not looked at.
                    Files.delete(part);
                    throw new IOException("the server has no more of it than what is here; from the beginning again");
                }
                case 408, 425, 429, 500, 502, 503, 504 ->
                    throw new IOException("the server answered " + answer.statusCode());
                default -> throw new Refused("the server answered " + answer.statusCode());
            }
            long size = answer.headers().firstValueAsLong("Content-Length").orElse(0);
            refuseTooLarge(part, size + (goesOn ? have : 0), size);
            try (OutputStream out = Files.newOutputStream(
                    part,
                    StandardOpenOption.WRITE,
                    goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING)) {
                copy(body, out, goesOn ? have : 0);
            }
        }
    }

    private void copy(InputStream body, OutputStream out, long before) throws IOException, Refused {
        byte[] buffer = new byte[64 * 1024];
        long total = before;
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            total += n;
            if (total > LARGEST) {
                throw new Refused("it is larger than 4 GiB");
            }
            if (left() <= 0) {
                throw new IOException("the time for downloads is over");
            }
            out.write(buffer, 0, n);
        }
    }

    private static void refuseTooLarge(Path part, long whole, long more) throws Refused {
        if (whole > LARGEST) {
            throw new Refused("it is larger than 4 GiB");
        }
        long free = part.toFile().getUsableSpace();
        // 0 where nobody knows; a disk that is really full says so when it is written to.
        if (more > 0 && free > 0 && free - more < DISK_LEFT) {
            throw new Refused("it needs %d MiB more, and the disk of %s has %d MiB free"
                    .formatted(more >> 20, part.getParent(), free >> 20));
        }
    }

    private long left() {
        return limit - time.nanos();
    }

    private HandlerException tooLong(Wish from) {
        return problem(
                from,
                "it was not here after %d s (downloadTimeoutSeconds)".formatted(seconds),
                "Nothing was done with it. Raise the limit, or look why the server is slow.");
    }

    private static HandlerException problem(Wish from, String why, String hint) {
        return new HandlerException(ExitCode.EXECUTION, "cannot fetch the file " + from.name() + ": " + why, hint);
    }

    private static String digest(Path file) throws IOException {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
