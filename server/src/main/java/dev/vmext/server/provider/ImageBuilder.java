package dev.vmext.server.provider;

import dev.vmext.fleet.provider.Progress;
import dev.vmext.fleet.provider.ProviderProblem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Builds the machine image of a recipe, once. The three files appear under their names by rename, the disk last, so an image
 * whose disk is there is complete and no crash leaves half of one. Two builders, in one process or two, wait for each other.
 */
public final class ImageBuilder {
    /** What mmdebstrap and the recipe say at each stage, and how much of the work lies behind when they say it. */
    private record Milestone(String line, int percent, String text) {}

    private static final List<Milestone> MILESTONES = List.of(
            new Milestone("I: running apt-get update", 2, "Reading package lists"),
            new Milestone("I: downloading packages", 8, "Downloading base packages"),
            new Milestone("I: extracting archives", 18, "Unpacking the base system"),
            new Milestone("I: installing essential packages", 24, "Installing the base system"),
            new Milestone("I: installing remaining packages", 36, "Installing kernel, cloud-init and tools"),
            new Milestone("I: running --customize-hook", 78, "Setting up boot, network and cloud-init"),
            new Milestone("I: creating tarball", 86, "Packing the file system"),
            new Milestone("I: making the disk", 93, "Making the disk image"),
            new Milestone("I: image is complete", 99, "Finishing"));

    private static final Duration DEADLINE = Duration.ofMinutes(45);

    private final QemuSettings settings;
    private final HostPrograms programs;
    private final ImageRecipe recipe;
    private final ReentrantLock lock = new ReentrantLock();

    public ImageBuilder(QemuSettings settings) {
        this(settings, ImageRecipe.bundled(settings.imageMiB()));
    }

    ImageBuilder(QemuSettings settings, ImageRecipe recipe) {
        this.settings = settings;
        this.programs = new HostPrograms(settings.programFolders());
        this.recipe = recipe;
    }

    /** Builds the image of this program's recipe into the data folder that is named as the only argument, and prints its id. */
    public static void main(String[] args) {
        if (args.length != 1) {
            System.err.println("usage: ImageBuilder DATA_FOLDER");
            System.exit(2);
        }
        ImageBuilder builder = new ImageBuilder(QemuSettings.defaults(Path.of(args[0]), "/usr/local/bin"));
        try {
            builder.build((phase, text, percent) ->
                    System.err.println(text + (percent.isPresent() ? " (" + percent.getAsInt() + " %)" : "")));
            System.out.println(builder.imageId());
        } catch (ProviderProblem e) {
            System.err.println(e.detail() + (e.hint().isEmpty() ? "" : "\n" + e.hint()));
            System.exit(1);
        }
    }

    public String imageId() {
        return recipe.digest();
    }

    /** The image of this recipe when it was built. */
    Optional<MachineImage> find() {
        return findImage(imageId());
    }

    /** An image that some recipe gave once; machines that were made from it still need it. */
    Optional<MachineImage> findImage(String id) {
        Path images = settings.images();
        Path disk = images.resolve(id + ".raw");
        if (!Files.isRegularFile(disk)) {
            return Optional.empty();
        }
        return Optional.of(new MachineImage(
                id,
                Optional.of(disk),
                images.resolve(id + ".vmlinuz"),
                images.resolve(id + ".initrd"),
                "root=/dev/vda rw console=ttyS0 quiet"));
    }

    /** Gives the image of this recipe and builds it when it is not there. Blocks for minutes then. */
    MachineImage build(Progress progress) {
        Optional<MachineImage> there = find();
        if (there.isPresent()) {
            return there.get();
        }
        lock.lock();
        try {
            Files.createDirectories(settings.images());
            progress.report(
                    Progress.Phase.IMAGE, "Building a Debian 12 disk image (once; a few minutes)", OptionalInt.of(0));
            try (FileChannel file = FileChannel.open(
                            settings.images().resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    var fileLock = file.lock()) {
                if (fileLock.isValid() && find().isEmpty()) {
                    buildLocked(progress);
                }
            }
            return find().orElseThrow(() -> failed("it vanished after it was built", "", null));
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), "check that " + settings.images() + " can be written", e);
        } finally {
            lock.unlock();
        }
    }

    private void buildLocked(Progress progress) throws IOException {
        Path images = settings.images();
        removeLeftovers(images);
        Path folder = Files.createTempDirectory(images, ".building-");
        try {
            recipe.writeTo(folder);
            Path out = Files.createDirectory(folder.resolve("out"));
            var outcome = programs.run(
                    List.of(
                            folder.resolve("build-image").toString(),
                            out.toString(),
                            Integer.toString(recipe.imageMiB())),
                    Optional.of(folder),
                    Map.of("TMPDIR", settings.temporary().toString()),
                    DEADLINE,
                    line -> report(line, progress));
            Files.writeString(images.resolve("last-build.log"), outcome.output() + "\n");
            if (outcome.exitCode() != 0) {
                throw failed(
                        lastError(outcome.output()),
                        "the whole output is in " + images.resolve("last-build.log")
                                + "; check network and free disk space",
                        null);
            }
            String id = imageId();
            // The disk last: it is what says that the image is there.
            for (String part : List.of("vmlinuz", "initrd", "disk.raw")) {
                Path built = out.resolve(part);
                try (FileChannel channel = FileChannel.open(built, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
                moveInto(built, images.resolve(id + (part.equals("disk.raw") ? ".raw" : "." + part)));
            }
        } finally {
            Folders.delete(folder);
        }
    }

    private static void moveInto(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("the images folder cannot rename files: " + to.getParent(), e);
        }
    }

    private static void removeLeftovers(Path images) throws IOException {
        try (Stream<Path> entries = Files.list(images)) {
            for (Path entry : entries.toList()) {
                if (String.valueOf(entry.getFileName()).startsWith(".building-")) {
                    Folders.delete(entry);
                }
            }
        }
    }

    static void report(String line, Progress progress) {
        for (Milestone milestone : MILESTONES) {
            if (line.startsWith(milestone.line())) {
                progress.report(Progress.Phase.IMAGE, milestone.text(), OptionalInt.of(milestone.percent()));
            }
        }
    }

    /** The line that tells a person most: the last one that says E: or error, else the last one. */
    static String lastError(String output) {
        List<String> lines = output.lines().filter(l -> !l.isBlank()).toList();
        return lines.reversed().stream()
                .filter(l -> l.startsWith("E:") || l.contains("rror:") || l.contains("No space left"))
                .findFirst()
                .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast());
    }

    private static ProviderProblem failed(String why, String hint, @org.jspecify.annotations.Nullable Throwable cause) {
        return new ProviderProblem(
                ProviderProblem.Kind.IMAGE_BUILD_FAILED, "cannot build the machine image: " + why, hint, cause);
    }
}
