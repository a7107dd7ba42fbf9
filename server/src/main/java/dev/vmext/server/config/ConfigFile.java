package dev.vmext.server.config;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.JsonProblem;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.repository.s3.S3Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code VMEXT_HOME/server.json} with the overrides of the command line on top. Everything in the file is optional, and everything that is
 * not known is an error.
 */
public final class ConfigFile {
    private ConfigFile() {}

    /** The file's content; null means the default. */
    record Content(
            @Nullable Integer version,
            @Nullable String api,
            @Nullable String gateway,
            @Nullable List<String> advertise,
            @Nullable String portal,
            @Nullable String agent,
            @Nullable Integer packageLimitMiB,
            @Nullable Integer diskReserveMiB,
            @Nullable Metrics metrics,
            @Nullable Store repositoryStore) {
        Content {
            if (version != null && version != 1) {
                throw new IllegalArgumentException("version must be 1, not " + version);
            }
        }

        static final Content EMPTY = new Content(null, null, null, null, null, null, null, null, null, null);
    }

    /** How long metrics are kept; null means the default. */
    record Metrics(
            @Nullable Integer samplesDays,
            @Nullable Integer fiveMinutesDays,
            @Nullable Integer hoursDays,
            @Nullable Integer seriesPerMachine) {}

    /** An S3-compatible store for repositories; null means the default. */
    record Store(
            @Nullable String endpoint,
            @Nullable String bucket,
            @Nullable String prefix,
            @Nullable String region,
            @Nullable Boolean pathStyle,
            @Nullable String credentialsFile) {}

    /** The configuration in effect for these arguments. */
    public static ServerConfig load(Home home, Arguments arguments) {
        Path file = home.configFile();
        Content content = content(file);
        ServerConfig defaults = ServerConfig.DEFAULTS;
        return new ServerConfig(
                pick(arguments.api(), content.api(), text -> endpoint("api", text), defaults.api()),
                pick(arguments.gateway(), content.gateway(), text -> endpoint("gateway", text), defaults.gateway()),
                content.advertise() == null ? defaults.advertise() : content.advertise(),
                pick(arguments.portal(), content.portal(), text -> Optional.of(Path.of(text)), defaults.portal()),
                pick(arguments.agent(), content.agent(), text -> Optional.of(Path.of(text)), defaults.agent()),
                content.packageLimitMiB() == null ? defaults.packageLimit() : content.packageLimitMiB() * 1024L * 1024L,
                content.diskReserveMiB() == null ? defaults.diskReserve() : content.diskReserveMiB() * 1024L * 1024L,
                metrics(content.metrics()),
                Optional.ofNullable(content.repositoryStore()).map(ConfigFile::store));
    }

    private static MetricRetention metrics(@Nullable Metrics wanted) {
        MetricRetention defaults = MetricRetention.DEFAULTS;
        if (wanted == null) {
            return defaults;
        }
        Duration samples = days(wanted.samplesDays(), defaults.samples());
        // Who keeps samples longer than a coarser tier by default wants the tier at least as long.
        Duration five = wanted.fiveMinutesDays() == null
                ? longer(samples, defaults.fiveMinutes())
                : Duration.ofDays(wanted.fiveMinutesDays());
        Duration hours =
                wanted.hoursDays() == null ? longer(five, defaults.hours()) : Duration.ofDays(wanted.hoursDays());
        try {
            return new MetricRetention(
                    samples,
                    five,
                    hours,
                    wanted.seriesPerMachine() == null ? defaults.seriesPerMachine() : wanted.seriesPerMachine());
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot keep metrics like that: " + e.getMessage(),
                    "In server.json metrics.samplesDays must be at least 2, fiveMinutesDays and hoursDays each not less"
                            + " than the one before, and seriesPerMachine at least 1.",
                    e);
        }
    }

    private static S3Settings store(Store wanted) {
        return new S3Settings(
                S3Settings.endpoint(needed("endpoint", wanted.endpoint())),
                needed("bucket", wanted.bucket()),
                wanted.prefix() == null ? "vmext" : wanted.prefix(),
                wanted.region() == null ? "us-east-1" : wanted.region(),
                wanted.pathStyle() == null || wanted.pathStyle(),
                Optional.ofNullable(wanted.credentialsFile()).map(Path::of));
    }

    private static String needed(String key, @Nullable String value) {
        if (value == null) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot use repositoryStore: it has no " + key,
                    "Set repositoryStore." + key
                            + " in server.json, or take repositoryStore out to keep repositories in"
                            + " the data folder.");
        }
        return value;
    }

    private static Duration days(@Nullable Integer days, Duration byDefault) {
        return days == null ? byDefault : Duration.ofDays(days);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Content content(Path file) {
        try {
            return StrictJson.read(Files.readAllBytes(file), Content.class);
        } catch (NoSuchFileException e) {
            return Content.EMPTY;
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemCode.FILE_UNREADABLE,
                    "cannot read " + file + ": " + e,
                    "Check the file's owner and mode.",
                    e);
        } catch (JsonProblem e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE, "cannot use " + file + ": " + e.reason(), e.hint(), e);
        }
    }

    private static <T> T pick(
            Optional<String> override, @Nullable String fromFile, Function<String, T> parse, T byDefault) {
        String text = override.orElse(fromFile);
        return text == null ? byDefault : parse.apply(text);
    }

    private static Endpoint endpoint(String key, String text) {
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot use " + key + ": " + e.getMessage(),
                    "Write it as host:port, for example " + ServerConfig.DEFAULTS.api() + ".",
                    e);
        }
    }
}
