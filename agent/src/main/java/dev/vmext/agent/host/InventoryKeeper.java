package dev.vmext.agent.host;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.status.RemovalReport;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Compares the machine before and after the commands that may add things, and says after uninstall what became of them. Keeps two
 * files in the folder {@code .inventory} of an installation, so that a restart of the agent in between loses nothing: {@code before},
 * while a command runs, and {@code added}. Thread-safe for different installations.
 */
final class InventoryKeeper {
    private static final System.Logger LOG = System.getLogger(InventoryKeeper.class.getName());

    private final Path root;
    private final MachineScan scan;
    /** Installations with a command under way, and those that had company meanwhile. Guarded by this. */
    private final Set<String> running = new HashSet<>();

    private final Set<String> accompanied = new HashSet<>();

    InventoryKeeper(Path root) {
        this.root = root;
        this.scan = new MachineScan(root);
    }

    private static boolean adds(HandlerCommand command) {
        return switch (command) {
            case INSTALL, UPDATE, ENABLE -> true;
            case DISABLE, UNINSTALL -> false;
        };
    }

    private synchronized void enter(String installation) {
        running.add(installation);
        if (running.size() > 1) {
            accompanied.addAll(running);
        }
    }

    /** Whether another installation worked meanwhile. */
    synchronized boolean leave(String installation) {
        running.remove(installation);
        return accompanied.remove(installation);
    }

    /** A command was found again: what was there before it lies on the disk. */
    void resumed(String installation) {
        enter(installation);
    }

    void begins(String installation, HandlerCommand command, Path folder) throws IOException {
        enter(installation);
        Path before = before(folder);
        Files.deleteIfExists(before);
        if (!adds(command)) {
            return;
        }
        long start = System.nanoTime();
        Inventory taken = Inventory.take(scan);
        Files.createDirectories(before.resolveSibling(""));
        taken.write(before);
        LOG.log(
                System.Logger.Level.DEBUG,
                "Looked at {0} things in {1} ms before {2} of {3}",
                taken.size(),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start),
                command.text(),
                installation);
    }

    /** The report when this was an uninstall of something whose additions are known. */
    Optional<RemovalReport> ended(String installation, HandlerCommand command, Path folder, List<String> keeps)
            throws IOException {
        boolean shared = leave(installation);
        Path file = folder.resolve(".inventory/added");
        if (adds(command)) {
            Optional<Inventory> before = Inventory.read(before(folder));
            if (before.isPresent()) {
                AddedThings things = AddedThings.read(file);
                things.add(before.get().added(scan), shared);
                things.write(file);
                Files.deleteIfExists(before(folder));
            }
            return Optional.empty();
        }
        if (command != HandlerCommand.UNINSTALL || !Files.exists(file)) {
            return Optional.empty();
        }
        List<Path> kept = keeps.stream()
                .map(path -> root.resolve(path.replaceFirst("^/+", "")).normalize())
                .filter(path -> !path.equals(root))
                .toList();
        return Optional.of(AddedThings.read(file).report(scan, others(folder), kept));
    }

    /** What the neighbours of an installation's folder have added. */
    private static List<AddedThings> others(Path folder) throws IOException {
        List<AddedThings> others = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder.resolveSibling(""))) {
            for (Path other : all) {
                if (!other.equals(folder)) {
                    others.add(AddedThings.read(other.resolve(".inventory/added")));
                }
            }
        }
        return others;
    }

    private static Path before(Path folder) {
        return folder.resolve(".inventory/before");
    }
}
