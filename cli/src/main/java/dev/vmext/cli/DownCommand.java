package dev.vmext.cli;

import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Stops what runs on this machine and keeps the data. */
@Command(
        name = "down",
        description = "Stop the machines made here and the control plane. All data is kept; 'vmext up' continues.",
        mixinStandardHelpOptions = true)
final class DownCommand implements Callable<Integer> {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    @Option(names = "--keep-machines", description = "Stop the control plane only; machines go on with what they have.")
    boolean keepMachines;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "3m",
            converter = AgeConverter.class,
            description = "How long machines may take to shut down (default: ${DEFAULT-VALUE}).")
    Duration timeout = Duration.ofMinutes(3);

    private final Surroundings world;

    DownCommand(Surroundings world) {
        this.world = world;
    }

    @Override
    public Integer call() throws InterruptedException {
        LocalServer server = new LocalServer(world);
        Optional<LocalServer.Running> running = server.find();
        if (running.isEmpty()) {
            world.out().println("Nothing runs here. Data is in " + world.vmextHome());
            return 0;
        }
        if (!keepMachines) {
            try (ApiClient client = server.client(running.get())) {
                stopMachines(client);
            }
        }
        server.stop(running.get());
        world.out()
                .println("The control plane is stopped. Data stays in " + world.vmextHome()
                        + "; './vmext up' continues.");
        return 0;
    }

    private void stopMachines(ApiClient client) throws InterruptedException {
        List<String> stopping = new ArrayList<>();
        for (MachineView machine : client.list("/v1/projects/default/machines", MachineView.class)) {
            if ("running".equals(machine.power())) {
                world.out().println("Shutting down " + machine.name());
                // resume: the next start of the control plane powers it on again
                client.post(path(machine.name()) + "/stop?resume=true", null, MachineView.class);
                stopping.add(machine.name());
            }
        }
        Instant end = world.clock().instant().plus(timeout);
        while (!stopping.isEmpty()) {
            stopping.removeIf(name -> !isRunning(client, name));
            if (!stopping.isEmpty() && !world.clock().instant().isBefore(end)) {
                world.err()
                        .println("vmext: " + String.join(", ", stopping)
                                + " did not shut down in time and goes on running.");
                return;
            }
            world.pause().forDuration(LOOK_EVERY);
        }
    }

    private static boolean isRunning(ApiClient client, String name) {
        try {
            return client.find(path(name), MachineView.class)
                    .map(machine -> "running".equals(machine.power()))
                    .orElse(false);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ProblemException e) {
            return false; // The server is gone before we ended it: nobody is left to ask.
        }
    }

    private static String path(String machine) {
        return "/v1/projects/default/machines/" + ApiClient.segment(machine);
    }
}
