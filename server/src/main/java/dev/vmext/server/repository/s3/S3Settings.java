package dev.vmext.server.repository.s3;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which store, as the configuration says it. Holds no secret.
 *
 * @param endpoint scheme, host and port
 * @param bucket must be there
 * @param prefix of all names in the bucket, without slashes at its ends; empty for none
 * @param region that requests are signed for
 * @param pathStyle whether the bucket is named in the path of an address, or in the host's name
 * @param credentialsFile empty when the credentials are in the environment of the server
 */
public record S3Settings(
        URI endpoint, String bucket, String prefix, String region, boolean pathStyle, Optional<Path> credentialsFile) {
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX =
            Pattern.compile("|(?![.]{1,2}(/|$))[A-Za-z0-9._-]+(/(?![.]{1,2}(/|$))[A-Za-z0-9._-]+)*");
    private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");

    public S3Settings {
        String path = endpoint.getPath();
        boolean address = ("https".equals(endpoint.getScheme()) || "http".equals(endpoint.getScheme()))
                && endpoint.getHost() != null
                && endpoint.getUserInfo() == null
                && endpoint.getQuery() == null
                && (path == null || path.isEmpty());
        if (!address) {
            throw wrongEndpoint(endpoint.toString());
        }
        check("bucket", bucket, BUCKET, "3 to 63 small letters, digits, dots and hyphens");
        check("prefix", prefix, PREFIX, "names of letters, digits, dots, hyphens and underscores with slashes between");
        check("region", region, REGION, "small letters, digits and hyphens, such as us-east-1");
        credentialsFile.filter(file -> !file.isAbsolute()).ifPresent(file -> {
            throw wrong("credentialsFile", file.toString(), "an absolute path");
        });
    }

    /** As it is written in the configuration. */
    public static URI endpoint(String text) {
        try {
            return new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
        } catch (URISyntaxException e) {
            throw wrongEndpoint(text);
        }
    }

    /** Somebody may have written a secret into it. */
    private static ProblemException wrongEndpoint(String text) {
        return wrong(
                "endpoint",
                text.replaceAll("//[^/]*@", "//...@"),
                "https://HOST or https://HOST:PORT, without name, bucket and path");
    }

    private static void check(String key, String value, Pattern form, String allowed) {
        if (!form.matcher(value).matches()) {
            throw wrong(key, value, allowed);
        }
    }

    private static ProblemException wrong(String key, String value, String allowed) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot use repositoryStore." + key + " \"" + value + "\": it must be " + allowed,
                "Correct repositoryStore." + key + " in server.json.");
    }

    /** The whole place as restic writes it. */
    public String location() {
        return "s3:" + endpoint + "/" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }

    /** What stands before a name in the bucket. */
    String before() {
        return prefix.isEmpty() ? "" : prefix + "/";
    }

    @Override
    public String toString() {
        return location() + " (region " + region + (pathStyle ? "" : ", bucket in the host's name")
                + ", credentials in " + credentialsFile.map(Path::toString).orElse("the environment") + ")";
    }
}
