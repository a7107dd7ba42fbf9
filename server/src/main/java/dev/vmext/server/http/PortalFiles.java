package dev.vmext.server.http;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The portal's built files. An address that is no file is one of the portal's own pages, so it gets {@code index.html}; a missing asset
 * is missing. Stateless; any thread.
 */
final class PortalFiles {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
            + " img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
            + " form-action 'self'; frame-ancestors 'none'";
    /** One path segment of a file of ours; everything else never reaches the file system. */
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*");
    /** Names the portal's build gives: {@code index-Bx7f9a2c.js}. Their content never changes. */
    private static final Pattern HASHED = Pattern.compile(".*-[A-Za-z0-9_-]{8,}\\.[a-z0-9]+");

    private static final Map<String, String> MEDIA_TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("map", "application/json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("txt", "text/plain; charset=utf-8"),
            Map.entry("webmanifest", "application/manifest+json"));

    /** Where the portal's build puts what its pages load. */
    private static final String ASSETS = "assets";

    private final Optional<Path> folder;

    PortalFiles(Optional<Path> folder) {
        this.folder = folder;
    }

    void serve(String method, String path, Response response, Callback callback) throws IOException {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ProblemException(
                    ProblemCode.METHOD_NOT_ALLOWED,
                    "cannot " + Shown.text(method) + " " + Shown.text(path) + ": the portal's files are only read",
                    "The API is at /v1.");
        }
        Path file = find(path);
        String name = String.valueOf(file.getFileName());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, mediaType(name));
        response.getHeaders()
                .put(
                        HttpHeader.CACHE_CONTROL,
                        HASHED.matcher(name).matches() ? "public, max-age=31536000, immutable" : "no-cache");
        response.getHeaders().put("Content-Security-Policy", POLICY);
        response.getHeaders().put("Cross-Origin-Opener-Policy", "same-origin");
        response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
        byte[] content = Files.readAllBytes(file);
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        response.write(true, ByteBuffer.wrap(method.equals("HEAD") ? new byte[0] : content), callback);
    }

    private Path find(String path) {
        Path root = folder.filter(Files::isDirectory)
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.ROUTE_NOT_FOUND,
                        "cannot show " + Shown.text(path) + ": this server has no portal",
                        "Build the portal and name its folder with portal in server.json; the API is at /v1."));
        Path file = root;
        String[] segments = path.substring(1).split("/", -1);
        // Dots do not make a file: /extensions/vmext.Firewall is a page.
        boolean asset = segments[0].equals(ASSETS) || (segments.length == 1 && path.contains("."));
        for (String segment : segments) {
            if (!SEGMENT.matcher(segment).matches()) {
                return index(root);
            }
            file = file.resolve(segment);
        }
        if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return file;
        }
        if (asset) {
            throw new ProblemException(
                    ProblemCode.ROUTE_NOT_FOUND,
                    "cannot show " + Shown.text(path) + ": the portal has no such file",
                    "Reload the portal; it may be a newer one.");
        }
        return index(root);
    }

    private static Path index(Path root) {
        Path index = root.resolve("index.html");
        if (!Files.isRegularFile(index)) {
            throw new ProblemException(
                    ProblemCode.ROUTE_NOT_FOUND,
                    "cannot show the portal: its folder has no index.html",
                    "Build the portal again.");
        }
        return index;
    }

    private static String mediaType(String name) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return MEDIA_TYPES.getOrDefault(ending, "application/octet-stream");
    }
}
