package dev.vmext.agent.rehearse;

import dev.vmext.agent.PrivateMachine;
import dev.vmext.agent.config.Folders;
import dev.vmext.packageformat.PackageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/**
 * Plays the scenarios one after the other, each on a fresh private machine. The extension's handler runs as the user who runs this,
 * on this computer: whoever calls it decides what the handler can reach.
 */
public final class Rehearsal {
    private final Order order;
    private final PrivateMachine.Parts parts;
    private final Consumer<Result> report;

    /**
     * @param report gets each result as soon as it is there
     */
    public Rehearsal(Order order, PrivateMachine.Parts parts, Consumer<Result> report) {
        this.order = order;
        this.parts = parts;
        this.report = report;
    }

    public static List<String> names() {
        return Scenarios.all().stream().map(Scenarios.Scenario::name).toList();
    }

    /** Whether nothing failed. */
    public boolean play() throws IOException, InterruptedException {
        Files.createDirectories(order.root());
        Editions editions;
        try {
            editions = Editions.of(order.zip(), order.root());
        } catch (PackageException bad) {
            report.accept(new Result(
                    "manifest", "the manifests are complete", Result.Word.FAILED, 0, bad.detail(), bad.hint()));
            return false;
        }
        boolean good = true;
        for (Scenarios.Scenario scenario : Scenarios.all()) {
            if (order.only().isEmpty() || order.only().contains(scenario.name())) {
                Result result = play(scenario, editions);
                report.accept(result);
                good &= result.word() != Result.Word.FAILED;
            }
        }
        return good;
    }

    private Result play(Scenarios.Scenario scenario, Editions editions) throws IOException, InterruptedException {
        Instant began = parts.clock().instant();
        Path root = order.root().resolve(scenario.name());
        Folders.delete(root);
        Result.Word word = Result.Word.OK;
        String message;
        String hint = "";
        try (Scene scene = new Scene(order, editions, root, parts)) {
            try {
                message = scenario.act().play(scene);
            } catch (Flaw flaw) {
                word = Result.Word.FAILED;
                message = String.valueOf(flaw.getMessage());
                hint = flaw.hint();
            } catch (Scenarios.Left left) {
                word = Result.Word.SKIPPED;
                message = String.valueOf(left.getMessage());
            } catch (IllegalStateException | PackageException stuck) {
                word = Result.Word.FAILED;
                message = String.valueOf(stuck.getMessage());
                hint = "look at the logs in " + root;
            }
            takeAway(scene);
        }
        if (word != Result.Word.FAILED) {
            Folders.delete(root);
        }
        Duration took = Duration.between(began, parts.clock().instant());
        return new Result(scenario.name(), scenario.title(), word, took.toMillis(), message, hint);
    }

    /** The next scenario begins on a computer without this extension, as far as its own uninstall cleans up. */
    private static void takeAway(Scene scene) throws InterruptedException {
        if (scene.machine.last(Scene.NAME) == null || scene.machine.isGone(Scene.NAME)) {
            return;
        }
        try {
            scene.remove();
        } catch (Flaw | IllegalStateException stays) {
            // It was or will be the finding of the scenario that is about removal.
            return;
        }
    }
}
