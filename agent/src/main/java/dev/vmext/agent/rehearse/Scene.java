package dev.vmext.agent.rehearse;

import dev.vmext.agent.PrivateMachine;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.protocol.goal.PackageOffer;
import dev.vmext.protocol.goal.ProtectedSettings;
import dev.vmext.protocol.status.InstallationState;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One fresh private machine with the extension on it, as scenarios use it. One thread. */
final class Scene implements AutoCloseable {
    static final String NAME = "rehearsal";
    private static final Pattern LOGGED =
            Pattern.compile("^(\\S+Z) (Executing command|Command): (.*)$", Pattern.MULTILINE);

    final PrivateMachine machine;
    final Order order;
    final Editions editions;
    private final @Nullable ProtectedSettings secret;
    private long sequence;

    Scene(Order order, Editions editions, Path root, PrivateMachine.Parts parts) throws IOException {
        this.order = order;
        this.editions = editions;
        Files.createDirectories(root);
        String name = editions.now().name().text();
        // The whole name before its last part: the narrowest name space that holds it.
        this.machine = new PrivateMachine(root, name.substring(0, name.lastIndexOf('.')), parts);
        this.secret = order.secret().isEmpty() ? null : machine.seal(order.secret());
    }

    PackageDescription description() {
        return editions.description();
    }

    void want(boolean later, String settings) throws IOException {
        PackageIdentity identity = later ? editions.later() : editions.now();
        PackageOffer offer = machine.offer(later ? editions.laterZip() : editions.zip(), identity);
        machine.want(NAME, offer, sequence, settings, secret);
        machine.push();
    }

    void raise() {
        sequence++;
    }

    /** Long enough for every command of the package, with its wait for success; a rehearsal never hangs longer. */
    Duration patience() {
        Duration all = Duration.ofMinutes(2);
        for (HandlerCommand command : HandlerCommand.values()) {
            all = all.plus(description().deadline(command));
        }
        return all;
    }

    private InstallationStatus until(Predicate<InstallationStatus> end) throws InterruptedException {
        return machine.until(NAME, end, patience());
    }

    /** It becomes healthy, or the scenario fails with what the agent says. */
    InstallationStatus healthy(String expected) throws InterruptedException {
        InstallationStatus status =
                until(one -> one.state().terminal() && (one.state() != InstallationState.READY || settled(one)));
        if (status.state() != InstallationState.READY || !status.healthy()) {
            throw Flaw.of(expected, status);
        }
        return status;
    }

    private static boolean settled(InstallationStatus status) {
        return status.healthy() || status.cause() != null;
    }

    InstallationStatus install() throws IOException, InterruptedException {
        want(false, order.settings());
        return healthy("it is not healthy after install and enable");
    }

    void remove() throws InterruptedException {
        machine.wantGone(NAME);
        machine.push();
        InstallationStatus status = until(one -> one.state().terminal()
                && one.state() != InstallationState.READY
                && one.state() != InstallationState.RETURNED);
        if (status.state() != InstallationState.REMOVED) {
            throw Flaw.of("it cannot be removed", status);
        }
    }

    /** Runs until this command has begun. */
    void untilBegun(HandlerCommand command) throws InterruptedException {
        machine.untilBegun(NAME, command, patience());
    }

    InstallationStatus last() {
        return Objects.requireNonNull(machine.last(NAME), "nothing was reported");
    }

    /** How often the agent's log of calls shows this command, and how long each took. */
    List<Duration> times(HandlerCommand command) throws IOException {
        List<Duration> times = new ArrayList<>();
        String end = "/" + description().handler().getCommand(command).replaceFirst("^/+", "");
        Matcher line = LOGGED.matcher(log());
        java.time.Instant begun = null;
        while (line.find()) {
            String text = line.group(3).replaceFirst(" with environment variables: .*$", "");
            if (!text.endsWith(end)) {
                continue;
            }
            java.time.Instant at = java.time.Instant.parse(line.group(1));
            if (line.group(2).startsWith("Executing")) {
                begun = at;
            } else if (begun != null) {
                times.add(Duration.between(begun, at));
                begun = null;
            }
        }
        return times;
    }

    private String log() throws IOException {
        Path logs = machine.places().handlerLogs(editions.now().name().text());
        StringBuilder all = new StringBuilder();
        if (Files.isDirectory(logs)) {
            try (var found = Files.newDirectoryStream(logs, "CommandExecution*.log")) {
                for (Path file : found) {
                    all.append(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
                }
            }
        }
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        machine.close();
    }
}
