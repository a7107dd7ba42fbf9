package dev.vmext.server;

import dev.vmext.fleet.FleetStore;
import dev.vmext.fleet.provider.MachineProvider;
import dev.vmext.server.config.Arguments;
import dev.vmext.server.config.ConfigFile;
import dev.vmext.server.config.Home;
import dev.vmext.server.config.ServerConfig;
import dev.vmext.server.http.ProblemTranslator;
import dev.vmext.server.jdbc.SqliteFleetStore;
import dev.vmext.server.metrics.MetricRetention;
import dev.vmext.server.metrics.MetricStore;
import dev.vmext.server.metrics.engine.SqliteMetricStore;
import dev.vmext.server.provider.QemuProvider;
import dev.vmext.server.provider.QemuSettings;
import dev.vmext.server.repository.ResticProgram;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The control plane as a program. {@code --home DIR --api HOST:PORT --gateway HOST:PORT --portal DIR --agent DIR}; the home folder is
 * VMEXT_HOME when not given. Ends in order on SIGTERM. What keeps it from starting is told in one line on stderr, with its code.
 */
public final class Main {
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(20);
    private static final long LOG_BYTES = 10L * 1024 * 1024;
    private static final int LOGS_KEPT = 5;
    /** The log manager holds loggers weakly; these, and so their levels, must stay. */
    private static final List<Logger> QUIET = new ArrayList<>();

    private Main() {}

    public static void main(String[] arguments) {
        try {
            start(List.of(arguments));
        } catch (Exception | LinkageError e) {
            // Everything that a caller can be told is told by the translator; a bug's stack goes to the log.
            var problem = new ProblemTranslator(new SecureIds(new SecureRandom())::newId).translate(e, "the start");
            System.err.println("vmext: " + oneLine(problem.detail()) + "; " + oneLine(problem.hint()) + " ("
                    + problem.code() + ")");
            Runtime.getRuntime().exit(1);
        }
    }

    private static void start(List<String> arguments) throws Exception {
        Arguments parsed = Arguments.parse(arguments, defaultHome());
        var home = new Home(parsed.home());
        ServerConfig config = ConfigFile.load(home, parsed);
        home.claim();
        log(home);
        var world = new Wiring.World(
                Clock.systemUTC(),
                new SecureRandom(),
                Main::store,
                Main::metrics,
                Main::providers,
                new ResticProgram(path(), System.getProperty("user.home")),
                System.getenv());
        Wiring wiring = Wiring.start(home, config, world);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(() -> stop(wiring, home)));
    }

    private static FleetStore store(Home home) {
        return SqliteFleetStore.open(home.folder());
    }

    private static MetricStore metrics(Home home, MetricRetention retention, InstantSource clock) {
        return SqliteMetricStore.open(home.folder(), retention, clock);
    }

    private static List<MachineProvider> providers(Home home) {
        return List.of(new QemuProvider(QemuSettings.defaults(home.folder(), path())));
    }

    private static String path() {
        return Objects.requireNonNullElse(System.getenv("PATH"), "/usr/sbin:/usr/bin:/sbin:/bin");
    }

    private static Path defaultHome() {
        String home = System.getenv("VMEXT_HOME");
        if (home != null && !home.isBlank()) {
            return Path.of(home);
        }
        return Path.of(System.getProperty("user.home"), ".local", "share", "vmext");
    }

    /** One deadline for everything: a part that hangs must not keep the process from ending. */
    private static void stop(Wiring wiring, Home home) {
        Thread stopping = Thread.ofPlatform().daemon().name("stopping").start(() -> {
            wiring.stop();
            home.close();
        });
        try {
            if (!stopping.join(STOP_DEADLINE)) {
                System.err.println("vmext: the server did not stop within " + STOP_DEADLINE.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void log(Home home) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        var console = new ConsoleHandler();
        console.setFormatter(new LogLines());
        console.setLevel(Level.INFO);
        root.addHandler(console);
        root.addHandler(new LogFile(home.logs().resolve("server.log"), LOG_BYTES, LOGS_KEPT));
        root.setLevel(Level.INFO);
        // Libraries say much at INFO that no operator can use.
        for (String library :
                List.of("org.eclipse.jetty", "com.zaxxer.hikari", "org.flywaydb", "com.networknt", "software.amazon")) {
            QUIET.add(level(library, Level.WARNING));
        }
    }

    private static Logger level(String name, Level level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level);
        return logger;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}
