package dev.vmext.agent.freeze;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.process.Pause;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The script {@code freeze-machine} does it, as a process of its own: its head says how the machine is let go of in any case. Everything
 * that the two tell each other lies in a folder in memory, since nothing else can be written meanwhile.
 */
public final class FrozenFileSystems implements Stillness {
    private static final Duration LOOK = Duration.ofMillis(50);
    /** Hooks may take a minute; the script and its watchdog answer in any case. */
    private static final Duration PATIENCE = Duration.ofSeconds(150);

    private final Path script;
    private final Path folder;
    private final Path hooks;
    private final Path mountInfo;
    private final Pause pause;

    /**
     * @param folder in memory, private, of this alone
     * @param hooks what the machine's owner wants to be run before and after
     */
    public FrozenFileSystems(Path script, Path folder, Path hooks, Path mountInfo, Pause pause) {
        this.script = script;
        this.folder = folder;
        this.hooks = hooks;
        this.mountInfo = mountInfo;
        this.pause = pause;
    }

    @Override
    public Outcome hold(String id, int seconds) throws IOException {
        Places.makePrivate(folder);
        Path mine = folder.resolve(requireId(id));
        Files.createDirectory(mine);
        new ProcessBuilder(List.of(
                        "setsid",
                        script.toString(),
                        mine.toString(),
                        Integer.toString(seconds),
                        hooks.toString(),
                        mountInfo.toString()))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.to(mine.resolve("errors").toFile()))
                .start();
        String said = await(mine, List.of("held", "failed", "over"));
        return switch (said) {
            case "held" -> new Outcome(true, text(mine.resolve("held")).replace("\n", ", "));
            case "failed" -> {
                Outcome why = new Outcome(false, text(mine.resolve("failed")));
                delete(mine);
                yield why;
            }
            case "over" -> {
                delete(mine);
                yield new Outcome(false, "it took too long, and was let go of");
            }
            default ->
                // Its watchdog goes on by itself; what it has to say is read by nobody.
                new Outcome(false, "its script does not answer: " + text(mine.resolve("errors")));
        };
    }

    @Override
    public Outcome release(String id) throws IOException {
        Path mine = folder.resolve(requireId(id));
        if (!Files.isDirectory(mine)) {
            return new Outcome(false, "it is not held");
        }
        Path word = mine.resolve("release");
        if (!Files.exists(word)) {
            Files.createFile(word);
        }
        String said = await(mine, List.of("over", "failed"));
        boolean whole = said.equals("over") && text(mine.resolve("over")).equals("whole");
        if (!said.isEmpty()) {
            delete(mine);
        }
        return new Outcome(whole, whole ? "" : "it had let go before it was told to");
    }

    @Override
    public void releaseAll() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> left;
        try (Stream<Path> entries = Files.list(folder)) {
            left = entries.filter(Files::isDirectory).toList();
        }
        for (Path mine : left) {
            release(String.valueOf(mine.getFileName()));
        }
    }

    private String await(Path mine, List<String> words) throws IOException {
        long looks = PATIENCE.dividedBy(LOOK);
        for (long i = 0; i < looks; i++) {
            for (String word : words) {
                if (Files.exists(mine.resolve(word))) {
                    return word;
                }
            }
            try {
                pause.forTime(LOOK);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the agent stops", e);
            }
        }
        return "";
    }

    private static String requireId(String id) throws IOException {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9-]{0,63}")) {
            throw new IOException("not an id: " + id);
        }
        return id;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
