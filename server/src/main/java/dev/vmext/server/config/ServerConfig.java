package dev.vmext.server.config;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.repository.s3.S3Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The configuration in effect. Holds no secret, so that all of it can be printed.
 *
 * @param api where the API and the portal listen; only loopback, because they speak plain HTTP
 * @param gateway where agents connect, always with TLS
 * @param advertise further names and addresses under which agents reach the gateway
 * @param portal folder of the portal's built files; empty serves none
 * @param agent folder of the agent's archives; empty serves none
 * @param packageLimit bytes of the largest package that may be published
 * @param diskReserve bytes of the disk that backups leave free for the control plane itself
 * @param metrics how long metrics are kept, and how many series a machine may have
 * @param repositoryStore where backups lie; empty for a folder of the home folder
 */
public record ServerConfig(
        Endpoint api,
        Endpoint gateway,
        List<String> advertise,
        Optional<Path> portal,
        Optional<Path> agent,
        long packageLimit,
        long diskReserve,
        MetricRetention metrics,
        Optional<S3Settings> repositoryStore) {

    public static final ServerConfig DEFAULTS = new ServerConfig(
            new Endpoint("127.0.0.1", 7440),
            new Endpoint("0.0.0.0", 4320),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            512L * 1024 * 1024,
            512L * 1024 * 1024,
            MetricRetention.DEFAULTS,
            Optional.empty());

    public ServerConfig {
        advertise = List.copyOf(advertise);
        if (!api.loopback()) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot serve the API on " + api + ": it speaks plain HTTP, which is only allowed on loopback",
                    "Set api to 127.0.0.1:7440 in server.json and reach it from elsewhere through an SSH tunnel or a"
                            + " proxy that does TLS.");
        }
        for (String name : advertise) {
            if (name.isBlank() || name.contains("/") || name.contains(" ")) {
                throw new ProblemException(
                        ProblemCode.INVALID_VALUE,
                        "cannot advertise the gateway as \"" + name + "\": that is no host name or address",
                        "Correct advertise in server.json.");
            }
        }
        if (diskReserve < 0) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot leave " + diskReserve + " bytes of the disk free: that is less than nothing",
                    "Correct diskReserveMiB in server.json.");
        }
        if (packageLimit < 1) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot limit packages to " + packageLimit + " bytes: the limit must be at least 1 MiB",
                    "Correct packageLimitMiB in server.json.");
        }
    }

    /** One line per setting, for the log. */
    public List<String> lines() {
        return List.of(
                "api = " + api,
                "gateway = " + gateway,
                "advertise = " + advertise,
                "portal = " + portal.map(Path::toString).orElse("(none)"),
                "agent = " + agent.map(Path::toString).orElse("(none)"),
                "packageLimitMiB = " + packageLimit / (1024 * 1024),
                "diskReserveMiB = " + diskReserve / (1024 * 1024),
                "metrics = samples " + metrics.samples().toDays() + " d, five minutes "
                        + metrics.fiveMinutes().toDays() + " d, hours "
                        + metrics.hours().toDays() + " d, "
                        + metrics.seriesPerMachine() + " series per machine",
                "repositoryStore = " + repositoryStore.map(S3Settings::toString).orElse("(the folder repositories)"));
    }
}
