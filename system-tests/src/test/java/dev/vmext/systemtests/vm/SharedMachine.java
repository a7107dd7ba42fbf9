package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Api;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The machine that {@code vmext up} makes, booted by the first story that needs it and shut down after the last one. With
 * {@code -Dvm.keep=true} it stays up and the next run goes on with it; packages that were built since then are published to it.
 */
final class SharedMachine implements BeforeAllCallback {
    private static final ExtensionContext.Namespace HERE = ExtensionContext.Namespace.create(SharedMachine.class);

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        Boot boot = context.getRoot().getStore(HERE).computeIfAbsent(Boot.class, key -> new Boot(), Boot.class);
        boot.up();
        MachineStory story = (MachineStory) context.getRequiredTestInstance();
        if (story.installsPackages()) {
            boot.packages();
        }
        story.take(boot.files());
    }

    /** One boot. A boot that failed is not tried again by the next story. */
    @SuppressWarnings("try") // close waits for processes, which a test run may interrupt
    static final class Boot implements AutoCloseable {
        private static final boolean KEEP = Boolean.getBoolean("vm.keep");

        private boolean tried;
        private boolean packages;
        private @Nullable HostFiles files;
        private @Nullable Throwable failure;

        void up() throws Exception {
            if (failure != null) {
                throw new AssertionError("the machine did not come up for an earlier story", failure);
            }
            if (tried) {
                return;
            }
            tried = true;
            try {
                boot();
            } catch (Exception | AssertionError e) {
                failure = e;
                throw e;
            }
        }

        HostFiles files() {
            if (files == null) {
                throw new IllegalStateException("the machine is not up yet");
            }
            return files;
        }

        private void boot() throws Exception {
            List<String> up = new ArrayList<>(List.of("up", "--timeout", "25m"));
            if (KEEP && Files.exists(MachineStory.HOME.resolve("run/server.json"))) {
                up.addAll(MachineStory.samePorts());
            } else {
                cleanUp();
                Files.createDirectories(MachineStory.HOME);
                // The image is kept between runs: it is cached by its recipe, as in a user's data folder.
                Path images = Repository.ROOT.resolve("target/vm-images");
                Files.createDirectories(images);
                Files.createSymbolicLink(MachineStory.HOME.resolve("images"), images);
                up.addAll(List.of("--api", "127.0.0.1:0", "--gateway", "0.0.0.0:0"));
            }
            Product.Said said = MachineStory.vmext(up.toArray(String[]::new));
            assertThat(said.exit()).as(said.all() + console()).isZero();
            assertThat(said.out()).contains("demo").contains("Portal");
            files = new HostFiles();
        }

        /** From now on the machine's apt knows the Debian packages of the stories, and nothing else. */
        void packages() throws Exception {
            if (packages) {
                return;
            }
            files().serve("debian", DebianRepository.forImage(image()));
            MachineStory.inside("""
                    rm -f /etc/apt/sources.list.d/*
                    echo 'deb [trusted=yes] %s ./' > /etc/apt/sources.list
                    apt-get -q update
                    """.formatted(files().address("debian")));
            packages = true;
        }

        /** The disk image that the machine was made from. */
        private static Path image() throws Exception {
            try (Stream<Path> all = Files.walk(MachineStory.HOME.resolve("machines"), 2)) {
                Path machine = all.filter(file -> file.endsWith("machine.json"))
                        .findFirst()
                        .orElseThrow();
                JsonNode json = Api.JSON.readTree(Files.readString(machine));
                return MachineStory.HOME.resolve("images/" + json.path("image").asText() + ".raw");
            }
        }

        @Override
        public void close() throws Exception {
            if (files != null) {
                files.close();
            }
            if (!tried || KEEP || !Files.exists(MachineStory.HOME.resolve("run/server.json"))) {
                return;
            }
            Files.writeString(MachineStory.WORK.resolve("console.txt"), console());
            Files.writeString(
                    MachineStory.WORK.resolve("agent-log.txt"),
                    MachineStory.vmext("machine", "logs", "demo").all());
            Product.Said said = MachineStory.vmext("down");
            assertThat(said.exit()).as(said.all()).isZero();
        }

        private static void cleanUp() throws Exception {
            Path home = MachineStory.HOME;
            if (Files.exists(home.resolve("run/server.json"))) {
                MachineStory.vmext("down");
            }
            if (Files.exists(home)) {
                Files.deleteIfExists(home.resolve("images"));
                Product.run(Repository.ROOT, "", 60, Map.of(), List.of("rm", "-rf", home.toString()));
            }
        }

        private static String console() throws Exception {
            Path machines = MachineStory.HOME.resolve("machines");
            if (!Files.exists(machines)) {
                return "(no machine)";
            }
            try (Stream<Path> all = Files.walk(machines, 2)) {
                Path log = all.filter(file -> file.endsWith("serial.log"))
                        .findFirst()
                        .orElse(null);
                return log == null ? "(no console)" : Files.readString(log, StandardCharsets.ISO_8859_1);
            }
        }
    }
}
