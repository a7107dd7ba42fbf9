package dev.vmext.agent.rehearse;

import dev.vmext.agent.json.JsonTree;
import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.packageformat.manifest.Kind;
import dev.vmext.protocol.status.HandlerStatus;
import dev.vmext.protocol.status.InstallationStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is rehearsed, in the order in which a publisher wants to know it. Stateless. */
final class Scenarios {
    /** A deadline that a command uses up to this part on an idle machine will be missed on a busy one. */
    private static final int PERCENT_OF_DEADLINE = 80;

    private static final int SHOWN = 8;
    private static final int MAX_FILE = 16 << 20;

    /** One scenario. */
    interface Act {
        /** Answers with what was seen; throws {@link Flaw} for what is wrong. */
        String play(Scene scene) throws IOException, InterruptedException;
    }

    /** A scenario with its title; it begins with an empty machine. */
    record Scenario(String name, String title, Act act) {}

    private Scenarios() {}

    static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>();
        all.add(new Scenario("manifest", "the manifests are complete", Scenarios::manifest));
        all.add(new Scenario("install", "installs and becomes healthy", scene -> said(scene.install())));
        all.add(new Scenario("status", "the status file is as the contract says", Scenarios::status));
        all.add(new Scenario("enable-again", "enable with the same settings may be repeated", Scenarios::enableAgain));
        all.add(new Scenario("settings", "takes new settings", Scenarios::settings));
        all.add(new Scenario("rerun", "the same settings may be asked for again", Scenarios::rerun));
        all.add(new Scenario("uninstall", "disable and uninstall work", Scenarios::uninstall));
        all.add(new Scenario("leftovers", "nothing stays behind", Scenarios::leftovers));
        all.add(new Scenario("reinstall", "may be installed again after a removal", Scenarios::reinstall));
        all.add(new Scenario("update", "a higher version takes over", Scenarios::update));
        all.add(new Scenario("downgrade", "a lower version takes over", Scenarios::downgrade));
        for (HandlerCommand command : HandlerCommand.values()) {
            all.add(new Scenario(
                    "kill-" + command.text(),
                    "the agent may be killed during " + command.text(),
                    scene -> killed(scene, command)));
        }
        all.add(new Scenario("power-cut", "the machine may go down during enable", Scenarios::powerCut));
        all.add(new Scenario("deadlines", "commands end well before their deadlines", Scenarios::deadlines));
        all.add(new Scenario("output", "commands print no more than is kept", Scenarios::output));
        all.add(new Scenario("secrets", "protected settings are in no file and no output", Scenarios::secrets));
        return all;
    }

    private static String said(InstallationStatus status) {
        HandlerStatus handler = status.status();
        return handler == null || handler.message().isEmpty() ? "healthy" : "says: " + firstLine(handler.message());
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() > 120 ? line.substring(0, 120) + "..." : line;
    }

    private static String manifest(Scene scene) {
        List<HandlerCommand> missing = scene.description().handler().missingCommands();
        if (!missing.isEmpty()) {
            throw new Flaw(
                    "HandlerManifest.json has no " + missing.getFirst().manifestField(),
                    "answer all five commands, be it with a script that only exits 0");
        }
        return scene.editions.now() + (scene.description().extension().isPresent() ? "" : ", without extension.json");
    }

    private static String status(Scene scene) throws IOException, InterruptedException {
        InstallationStatus status = scene.install();
        HandlerStatus handler = Objects.requireNonNull(status.status(), "a healthy handler has said so");
        Path file = newest(scene.machine
                .places()
                .handler(
                        Scene.NAME,
                        scene.editions.now().name().text(),
                        scene.editions.now().version().text())
                .resolve("status"));
        if (!(JsonTree.parse(Files.readAllBytes(file)) instanceof List<?> array)
                || array.size() != 1
                || !(array.getFirst() instanceof Map<?, ?> element)) {
            throw new Flaw(
                    file.getFileName() + " is no array of exactly one object", "readers of other tools are strict");
        }
        for (String field : List.of("version", "timestampUTC", "status")) {
            if (!element.containsKey(field)) {
                throw new Flaw(file.getFileName() + " has no " + field, "write all fields of the contract");
            }
        }
        return handler.status().wire() + ", " + handler.substatus().size() + " parts, " + Files.size(file) + " bytes";
    }

    private static Path newest(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".status"))
                    .max(java.util.Comparator.comparingLong(
                            file -> file.toFile().lastModified()))
                    .orElseThrow(() -> new Flaw(
                            "enable wrote no status file",
                            "write status/<ConfigSequenceNumber>.status before enable ends"));
        }
    }

    private static String enableAgain(Scene scene) throws IOException, InterruptedException {
        scene.install();
        boolean once = scene.description().kind() == Kind.ONE_SHOT;
        int before = scene.times(HandlerCommand.ENABLE).size();
        scene.machine.reboot();
        scene.machine.push();
        if (!once) {
            scene.untilBegun(HandlerCommand.ENABLE);
        }
        scene.healthy("it is not healthy after enable was repeated");
        int after = scene.times(HandlerCommand.ENABLE).size();
        if (once && after != before) {
            throw new Flaw("enable of a one-shot ran again after a restart of the machine", "report it to vmext");
        }
        return once ? "one-shot: not repeated after a restart" : "enabled again after a restart of the machine";
    }

    private static String settings(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.raise();
        scene.want(false, scene.order.newSettings());
        return said(scene.healthy("it is not healthy with new settings"));
    }

    private static String rerun(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.raise();
        scene.want(false, scene.order.settings());
        InstallationStatus status = scene.healthy("it is not healthy after a rerun");
        if (scene.times(HandlerCommand.ENABLE).size() != 2) {
            throw new Flaw("enable did not run for the new number", "report it to vmext");
        }
        return said(status);
    }

    private static String uninstall(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.remove();
        Integer code = scene.last().exitCode();
        if (code != null && code != 0) {
            throw new Flaw(
                    "uninstall ended with exit code " + code,
                    "the removal goes on, and whoever did it never learns why");
        }
        return "removed";
    }

    private static String leftovers(Scene scene) throws IOException, InterruptedException {
        Path own = scene.order.root();
        WatchedTree before = WatchedTree.of(scene.order.watched(), own);
        scene.install();
        scene.remove();
        List<String> left = new ArrayList<>(WatchedTree.added(before, WatchedTree.of(scene.order.watched(), own)));
        List<String> kept = scene.description().execution().keepsOnUninstall();
        left.removeIf(name -> kept.stream().anyMatch(name::startsWith));
        if (!left.isEmpty()) {
            throw new Flaw(
                    left.size() + " files stay behind: "
                            + String.join(", ", left.subList(0, Math.min(SHOWN, left.size())))
                            + (left.size() > SHOWN ? " ..." : ""),
                    "delete them in uninstall, or name them in keepsOnUninstall of extension.json");
        }
        return scene.order.watched().isEmpty() ? "no folder was watched" : "compared " + String.join(" ", shown(scene));
    }

    private static List<String> shown(Scene scene) {
        return scene.order.watched().values().stream().sorted().toList();
    }

    private static String reinstall(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.remove();
        scene.raise();
        return said(scene.install());
    }

    private static String update(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.want(true, scene.order.settings());
        InstallationStatus status =
                scene.healthy("the update to " + scene.editions.later().version() + " failed");
        return scene.editions.now().version() + " to " + status.version();
    }

    private static String downgrade(Scene scene) throws IOException, InterruptedException {
        scene.want(true, scene.order.settings());
        scene.healthy("it is not healthy after install and enable");
        scene.want(false, scene.order.settings());
        InstallationStatus status =
                scene.healthy("the return to " + scene.editions.now().version() + " failed");
        return scene.editions.later().version() + " to " + status.version();
    }

    private static String killed(Scene scene, HandlerCommand command) throws IOException, InterruptedException {
        boolean removal = command == HandlerCommand.DISABLE || command == HandlerCommand.UNINSTALL;
        if (command == HandlerCommand.INSTALL || command == HandlerCommand.ENABLE) {
            scene.want(false, scene.order.settings());
        } else {
            scene.install();
            if (removal) {
                scene.machine.wantGone(Scene.NAME);
                scene.machine.push();
            } else {
                scene.want(true, scene.order.settings());
            }
        }
        scene.untilBegun(command);
        scene.machine.restartAgent();
        if (removal) {
            scene.remove();
        } else {
            scene.healthy("it is not healthy after the agent was killed during " + command.text());
        }
        return "continued";
    }

    private static String powerCut(Scene scene) throws IOException, InterruptedException {
        scene.want(false, scene.order.settings());
        scene.untilBegun(HandlerCommand.ENABLE);
        scene.machine.powerCut();
        if (scene.description().kind() == Kind.ONE_SHOT) {
            return "one-shot: is not repeated by itself, its outcome counts as unknown";
        }
        return said(scene.healthy("it is not healthy after the machine went down during enable"));
    }

    private static String deadlines(Scene scene) throws IOException, InterruptedException {
        scene.install();
        scene.want(true, scene.order.settings());
        scene.healthy("the update to " + scene.editions.later().version() + " failed");
        scene.remove();
        Map<String, Long> slowest = new LinkedHashMap<>();
        for (HandlerCommand command : HandlerCommand.values()) {
            Duration deadline = scene.description().deadline(command);
            for (Duration time : scene.times(command)) {
                slowest.merge(command.text(), time.toMillis(), Math::max);
                if (time.toMillis() * 100 > deadline.toMillis() * PERCENT_OF_DEADLINE) {
                    throw new Flaw(
                            command.text() + " took " + time.toMillis() + " ms of its " + deadline.toSeconds() + " s",
                            "raise deadlines in extension.json, or do the work in the background");
                }
            }
        }
        List<String> words = new ArrayList<>();
        slowest.forEach((command, millis) -> words.add(command + " " + millis + " ms"));
        return String.join(", ", words);
    }

    private static String output(Scene scene) throws IOException, InterruptedException {
        InstallationStatus status = scene.install();
        int length = status.output().length();
        if (length >= InstallationStatus.MAX_OUTPUT) {
            throw new Flaw(
                    "enable prints more than the " + InstallationStatus.MAX_OUTPUT + " characters that are shown",
                    "write details to a file in logFolder and print what an operator must know");
        }
        return length + " characters";
    }

    private static String secrets(Scene scene) throws IOException, InterruptedException {
        if (scene.order.secret().isEmpty()) {
            throw new Left("give --protected-settings FILE to try them");
        }
        List<String> values = new ArrayList<>();
        collect(JsonTree.parse(scene.order.secret().getBytes(StandardCharsets.UTF_8)), values);
        InstallationStatus status = scene.install();
        scene.remove();
        HandlerStatus handler = status.status();
        String shown = status.output() + (handler == null ? "" : handler.message());
        try (Stream<Path> files = Files.walk(scene.machine.places().root())) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                if (Files.size(file) > MAX_FILE) {
                    continue;
                }
                String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
                for (String value : values) {
                    if (text.contains(value) || shown.contains(value)) {
                        throw new Flaw(
                                "a value of the protected settings is in "
                                        + scene.machine.places().root().relativize(file),
                                "never write it down; keep it in memory, or in a file of mode 0600 outside of log folders");
                    }
                }
            }
        }
        return values.size() + " values, none found";
    }

    /** Shorter texts are found everywhere. */
    private static void collect(@Nullable Object value, List<String> into) {
        switch (value) {
            case Map<?, ?> object -> object.values().forEach(one -> collect(one, into));
            case List<?> array -> array.forEach(one -> collect(one, into));
            case String text when text.length() >= 6 -> into.add(text);
            case null, default -> {
                // numbers and flags are no secrets that could be recognised
            }
        }
    }

    /** A scenario that was left out. */
    static final class Left extends RuntimeException {
        private static final long serialVersionUID = 1;

        Left(String why) {
            super(why);
        }
    }
}
