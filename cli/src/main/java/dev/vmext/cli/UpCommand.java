package dev.vmext.cli;

import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.api.MachineCreate;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.SignInLink;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Starts everything on this machine, or continues where it was. Each step looks first whether it was done. */
@Command(
        name = "up",
        description = "Start the control plane here with a machine to try, or continue where it was. Asks nothing.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nData:%n",
        footer = "  in VMEXT_HOME (default ~/.local/share/vmext); 'vmext down' stops everything and keeps it.")
final class UpCommand implements Callable<Integer> {
    private static final String DEMO = "demo";

    @Option(names = "--no-demo", description = "Do not make the machine 'demo'.")
    boolean withoutDemo;

    @Option(
            names = "--api",
            paramLabel = "HOST:PORT",
            description = "Where the API and the portal listen (default: 127.0.0.1:7440).")
    @Nullable String api;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            description = "Where agents connect (default: 0.0.0.0:4320).")
    @Nullable String gateway;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "30m",
            converter = AgeConverter.class,
            description = "How long to wait for the machine (default: ${DEFAULT-VALUE}).")
    Duration timeout = Duration.ofMinutes(30);

    private final Surroundings world;

    UpCommand(Surroundings world) {
        this.world = world;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path dist = world.dist()
                .orElseThrow(() -> new ProblemException(
                        ProblemCode.AGENT_BUILD_MISSING,
                        "cannot tell where the built parts are",
                        "Start this command through the script: ./vmext up"));
        Instant began = world.clock().instant();
        LocalServer server = new LocalServer(world);
        LocalServer.Running running = control(server, dist);
        new Contexts(world)
                .put(
                        "local",
                        new Contexts.Context(running.api(), server.tokenFile().toString()));
        try (ApiClient client = server.client(running)) {
            publish(client, dist);
            if (!withoutDemo) {
                demo(client);
            }
            farewell(client, began);
        }
        return 0;
    }

    private LocalServer.Running control(LocalServer server, Path dist) throws InterruptedException {
        Optional<LocalServer.Running> found = server.find();
        if (found.isPresent() && olderThanBuild(found.get(), dist)) {
            step("The control plane runs an older build: restarting it (machines keep running)");
            server.stop(found.get());
            found = Optional.empty();
        }
        if (found.isPresent()) {
            step("The control plane runs already: " + found.get().api() + ", gateway port "
                    + found.get().gatewayPort());
            return found.get();
        }
        step("Starting the control plane; data in " + world.vmextHome());
        List<String> arguments = new ArrayList<>();
        if (api != null) {
            arguments.addAll(List.of("--api", api));
        }
        if (gateway != null) {
            arguments.addAll(List.of("--gateway", gateway));
        }
        LocalServer.Running running = server.start(dist, arguments);
        step("The control plane answers: " + running.api() + ", gateway port " + running.gatewayPort());
        return running;
    }

    private static boolean olderThanBuild(LocalServer.Running running, Path dist) {
        try {
            Path stamp = dist.resolve("built");
            return Files.exists(stamp)
                    && Files.getLastModifiedTime(stamp).toInstant().isAfter(running.started());
        } catch (IOException e) {
            throw Json.unreadable(dist, e);
        }
    }

    private void publish(ApiClient client, Path dist) throws InterruptedException {
        Path key = world.vmextHome().resolve("keys").resolve("publisher.key");
        List<String> published = new OfficialExtensions(client, dist.resolve("extensions"), key).publish();
        step(
                published.isEmpty()
                        ? "The official extensions are published"
                        : "Signed and published: " + String.join(", ", published));
    }

    private void demo(ApiClient client) throws InterruptedException {
        String path = "/v1/projects/default/machines/" + DEMO;
        Optional<MachineView> there = client.find(path, MachineView.class);
        if (there.isEmpty()) {
            step("Declaring machine '" + DEMO
                    + "' with an installation of each category, which it gets while it is provisioned");
            client.post("/v1/projects/default/machines", demoRequest(), MachineView.class);
        } else if (!there.get().state().equals("online")
                && !"running".equals(there.get().power())) {
            step("Machine '" + DEMO + "' is there: starting it");
            client.post(path + "/start", null, MachineView.class);
        } else {
            step("Machine '" + DEMO + "' is there");
        }
        new MachineProgress(world, client, world.out()).untilHealthy(path, timeout);
    }

    /** The demo request ships as a file; only its secret is made here, so that no two control planes share one. */
    private MachineCreate demoRequest() {
        try (InputStream in = UpCommand.class.getResourceAsStream("demo.json")) {
            if (in == null) {
                throw new IllegalStateException("demo.json is not in the jar");
            }
            MachineCreate request = Json.STRICT.readValue(in, MachineCreate.class);
            Map<String, InstallationWrite> installations = new LinkedHashMap<>();
            if (request.installations() != null) {
                installations.putAll(request.installations());
            }
            byte[] secret = new byte[16];
            world.random().nextBytes(secret);
            installations.computeIfPresent(
                    "hello",
                    (name, write) -> new InstallationWrite(
                            write.extension(),
                            write.version(),
                            write.settings(),
                            Map.of(
                                    "environment",
                                    Map.of("DEMO_SECRET", HexFormat.of().formatHex(secret))),
                            write.after(),
                            write.rerun(),
                            write.deadlines(),
                            write.expireSeconds()));
            return new MachineCreate(
                    request.name(),
                    request.provider(),
                    request.cpus(),
                    request.memoryMiB(),
                    request.diskGiB(),
                    request.labels(),
                    request.trust(),
                    installations);
        } catch (IOException e) {
            throw new IllegalStateException("demo.json cannot be read", e);
        }
    }

    private void farewell(ApiClient client, Instant began) throws InterruptedException {
        PrintStream out = world.out();
        out.println();
        List<MachineView> machines = client.list("/v1/projects/default/machines", MachineView.class);
        MachineSheet.table(machines, world).print(out);
        for (MachineView machine : machines) {
            List<InstallationView> installations = client.list(
                    "/v1/projects/default/machines/" + ApiClient.segment(machine.name()) + "/installations",
                    InstallationView.class);
            if (!installations.isEmpty()) {
                out.println();
                out.println("On " + machine.name() + ":");
                InstallationCommands.table(installations, world.clock().instant())
                        .print(out);
            }
        }
        SignInLink link = client.post("/v1/sign-in-links", null, SignInLink.class);
        out.println();
        out.println(
                "Up after " + Ages.length(Duration.between(began, world.clock().instant()))
                        + ". Portal (this link works once): " + link.url());
        out.println("Try next:");
        out.println("  ./vmext extension list");
        out.println("  ./vmext installation show demo hello");
        out.println("  ./vmext metrics demo --watch             how busy it is");
        out.println("  ./vmext repository list                  what is backed up, and how old it is");
        out.println(
                "  ./vmext install demo vmext.CustomScript --name motd --set script='echo hello > /etc/motd' --wait");
        out.println("  ./vmext uninstall demo motd --wait");
        out.println("  ./vmext machine enroll-command NAME      bring in a machine of your own");
        out.println("  ./vmext down                             stop everything, keep the data");
    }

    private void step(String text) {
        world.out().println(text);
    }
}
