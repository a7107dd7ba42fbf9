package dev.vmext.server.repository;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.protocol.api.RepositoryPolicy;
import dev.vmext.protocol.api.SnapshotView;
import dev.vmext.server.json.JsonProblem;
import dev.vmext.server.json.StrictJson;
import dev.vmext.server.repository.ResticException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The real restic of the host (0.14 of Debian 12 or newer). Passwords and secrets reach it in its environment, which is made of nothing
 * else but these, PATH and HOME. What a stop of the server interrupts restic takes up again by itself the next time.
 */
public final class ResticProgram implements Restic {
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int MAX_OUTPUT = 64 << 20;
    private static final int MAX_MESSAGE = 600;

    private final String path;
    private final String home;

    /**
     * Looks for the program only when it is needed.
     *
     * @param path a PATH value
     * @param home of the user, where ssh finds its keys
     */
    public ResticProgram(String path, String home) {
        this.path = path;
        this.home = home;
    }

    private Optional<Path> find() {
        for (String folder : path.split(":", -1)) {
            Path program = Path.of(folder.isEmpty() ? "/" : folder).resolve("restic");
            if (folder.startsWith("/") && Files.isExecutable(program)) {
                return Optional.of(program);
            }
        }
        return Optional.empty();
    }

    private HostRun.Ended run(Map<String, String> environment, List<String> arguments) throws ResticException {
        Path program = find().orElseThrow(() -> new ResticException(
                Kind.NO_PROGRAM,
                "restic is not installed on the host of the control plane; install the package restic"));
        List<String> command = new ArrayList<>(List.of(program.toString(), "--no-cache"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().putAll(Map.of("PATH", path, "HOME", home, "LC_ALL", "C.UTF-8"));
        // ssh, when it is the way to the place, must not ask at a terminal whether it may trust a server: nobody would
        // answer.
        builder.environment().putAll(Map.of("SSH_ASKPASS", "/bin/false", "SSH_ASKPASS_REQUIRE", "force"));
        try {
            return HostRun.run(builder, LONGEST, MAX_OUTPUT);
        } catch (IOException e) {
            throw new ResticException(Kind.FAILED, "restic cannot be started: " + e.getMessage(), e);
        } catch (HostRun.Late e) {
            throw new ResticException(
                    Kind.FAILED, "restic did not end within " + LONGEST.toHours() + " hours and was stopped", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ResticException(Kind.FAILED, "the control plane stops", e);
        }
    }

    private static Map<String, String> secrets(Place place) {
        Map<String, String> environment = new HashMap<>(place.environment());
        environment.put("RESTIC_PASSWORD", place.password());
        environment.put("RESTIC_REPOSITORY", place.location());
        return environment;
    }

    private HostRun.Ended must(Place place, String... arguments) throws ResticException {
        return must(place, List.of(arguments));
    }

    private HostRun.Ended must(Place place, List<String> arguments) throws ResticException {
        return must(secrets(place), with(place.options(), arguments));
    }

    private static List<String> with(Collection<String> options, List<String> arguments) {
        List<String> all = new ArrayList<>(arguments);
        options.forEach(option -> all.addAll(List.of("-o", option)));
        return all;
    }

    private HostRun.Ended must(Map<String, String> environment, List<String> arguments) throws ResticException {
        HostRun.Ended ended = run(environment, arguments);
        if (ended.code() != 0) {
            throw failure(arguments.getFirst(), ended);
        }
        return ended;
    }

    private static ResticException failure(String verb, HostRun.Ended ended) {
        String all = (ended.err() + "\n" + ended.out()).toLowerCase(Locale.ROOT);
        Kind kind = Kind.FAILED;
        if (all.contains("already locked")) {
            kind = Kind.LOCKED;
        } else if (all.contains("unable to open config file") || all.contains("is there a repository")) {
            kind = Kind.NO_REPOSITORY;
        } else if (all.contains("no space left")) {
            kind = Kind.FAILED;
        } else if (verb.equals("check")
                || all.contains("ciphertext verification failed")
                || all.contains("does not match id")
                || all.contains("hash mismatch")
                || all.contains("invalid data returned")
                || all.contains("not found in index")) {
            kind = Kind.DAMAGED;
        }
        String why = "restic " + verb + " ended with " + ended.code() + ": " + lastWords(ended);
        if (all.contains("unable to start the sftp session")) {
            // What ssh said restic repeats only when it is quick enough.
            why +=
                    "; ssh must let the control plane's user in without a question: the server's host key known, the own key accepted";
        }
        return new ResticException(kind, why);
    }

    /** The end of what it said, in one line. */
    private static String lastWords(HostRun.Ended ended) {
        String text =
                (ended.err().isBlank() ? ended.out() : ended.err()).strip().replaceAll("\\s*\\R\\s*", "; ");
        return text.length() <= MAX_MESSAGE ? text : "..." + text.substring(text.length() - MAX_MESSAGE);
    }

    private static JsonNode json(String verb, String text) throws ResticException {
        try {
            return StrictJson.tree(text.getBytes(StandardCharsets.UTF_8));
        } catch (JsonProblem e) {
            throw new ResticException(Kind.FAILED, "restic " + verb + " said what is no JSON: " + e.reason(), e);
        }
    }

    @Override
    public List<Snapshot> snapshots(Place place) throws ResticException {
        HostRun.Ended ended = must(place, "snapshots", "--json", "--no-lock");
        List<Snapshot> found = new ArrayList<>();
        for (JsonNode one : json("snapshots", ended.out())) {
            found.add(new Snapshot(
                    new SnapshotView(
                            one.path("id").asText(),
                            OffsetDateTime.parse(one.path("time").asText()).toInstant(),
                            one.path("hostname").asText(),
                            texts(one.path("paths")),
                            texts(one.path("tags"))),
                    one.path("tree").asText()));
        }
        found.sort(Comparator.comparing(snapshot -> snapshot.view().time()));
        return List.copyOf(found);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    @Override
    public void forget(Place place, RepositoryPolicy keep) throws ResticException {
        must(place, "unlock");
        List<String> arguments = new ArrayList<>(List.of("forget", "--prune"));
        option(arguments, "--keep-last", keep.keepLast());
        option(arguments, "--keep-hourly", keep.keepHourly());
        option(arguments, "--keep-daily", keep.keepDaily());
        option(arguments, "--keep-weekly", keep.keepWeekly());
        option(arguments, "--keep-monthly", keep.keepMonthly());
        option(arguments, "--keep-yearly", keep.keepYearly());
        String within = keep.keepWithin();
        if (within != null && !within.isEmpty()) {
            arguments.addAll(List.of("--keep-within", within));
        }
        must(place, arguments);
    }

    private static void option(List<String> arguments, String name, @Nullable Integer value) {
        if (value != null && value > 0) {
            arguments.addAll(List.of(name, value.toString()));
        }
    }

    @Override
    public void check(Place place, int percentOfData) throws ResticException {
        must(place, "unlock");
        List<String> arguments = new ArrayList<>(List.of("check"));
        if (percentOfData >= 100) {
            arguments.add("--read-data");
        } else if (percentOfData > 0) {
            arguments.add("--read-data-subset=" + percentOfData + "%");
        }
        must(place, arguments);
    }

    @Override
    public long restoreSize(Place place, String snapshot) throws ResticException {
        HostRun.Ended ended = must(place, "stats", "--json", "--no-lock", "--mode", "restore-size", snapshot);
        return json("stats", ended.out()).path("total_size").asLong();
    }

    @Override
    public Restored restore(Place place, String snapshot, List<String> include, Path into) throws ResticException {
        List<String> arguments = new ArrayList<>(List.of("restore", snapshot, "--target", into.toString()));
        include.forEach(one -> arguments.addAll(List.of("--include", one)));
        must(place, arguments);
        long[] sum = {0, 0};
        try {
            Files.walkFileTree(into, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    sum[0]++;
                    sum[1] += attributes.isRegularFile() ? attributes.size() : 0;
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new ResticException(Kind.FAILED, "cannot look at what was restored: " + e.getMessage(), e);
        }
        return new Restored(sum[0], sum[1]);
    }

    @Override
    public void copy(Place from, Place to) throws ResticException {
        must(from, "unlock");
        Map<String, String> environment = secretsOfBoth(from, to);
        Set<String> options = new LinkedHashSet<>(to.options());
        options.addAll(from.options());
        HostRun.Ended there = run(secrets(to), with(to.options(), List.of("cat", "config", "--no-lock")));
        if (there.code() != 0) {
            ResticException why = failure("cat", there);
            if (why.kind() != Kind.NO_REPOSITORY) {
                throw why;
            }
            // With the same cutting of files into pieces, or nothing would be found again in the second place.
            must(environment, with(options, List.of("init", "--copy-chunker-params")));
        } else {
            must(to, "unlock");
        }
        must(environment, with(options, List.of("copy")));
    }

    /** One process opens both places, and restic takes what opens a store from the one environment. */
    private static Map<String, String> secretsOfBoth(Place from, Place to) throws ResticException {
        Map<String, String> environment = new HashMap<>(secrets(to));
        environment.put("RESTIC_FROM_REPOSITORY", from.location());
        environment.put("RESTIC_FROM_PASSWORD", from.password());
        for (Map.Entry<String, String> one : from.environment().entrySet()) {
            String other = environment.putIfAbsent(one.getKey(), one.getValue());
            if (other != null && !other.equals(one.getValue())) {
                throw new ResticException(
                        Kind.FAILED,
                        "restic copy cannot open two stores with two values of " + one.getKey()
                                + "; give both places credentials of the same name and secret, or choose a second place"
                                + " that is no S3 store");
            }
        }
        return environment;
    }
}
