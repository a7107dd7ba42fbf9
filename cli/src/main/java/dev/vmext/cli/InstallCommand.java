package dev.vmext.cli;

import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.InstallationWrite;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts an extension on a machine, or changes one that is there. */
@Command(
        name = "install",
        description = "Put an extension on a machine, or change its settings or version.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  vmext install demo vmext.CustomScript --name motd --settings motd.json --wait",
            "  vmext install demo vmext.Firewall --set defaultInbound=drop --wait",
            "  vmext install demo vmext.CustomScript --name job --rerun    run it once more as it is",
            "",
            "Installing under a name that exists changes that installation: a settings file replaces all settings, --set",
            "changes single ones, and what is not given stays. The machine may be off; it gets the change when it is back.",
        })
final class InstallCommand implements Callable<Integer> {
    /** The standard help options would bring a --version of their own, and picocli then leaves all of them away. */
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    boolean help;

    @Parameters(index = "0", paramLabel = "MACHINE")
    String machine = "";

    @Parameters(
            index = "1",
            paramLabel = "EXTENSION",
            description = "For example vmext.Firewall, see 'vmext extension list'.")
    String extension = "";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Its name on the machine (default: the extension's type in lower case).")
    @Nullable String name;

    @Option(
            names = "--version",
            paramLabel = "VERSION",
            description = "1 or 1.2 follow the newest of that line, 1.2.3 is exact (default: the newest).")
    @Nullable String version;

    @Option(
            names = "--after",
            paramLabel = "NAME",
            description = "Wait until this installation is healthy first. May be repeated.")
    @Nullable List<String> after;

    @Option(names = "--rerun", description = "Run it again although nothing changed.")
    boolean rerun;

    @Option(
            names = "--deadline",
            paramLabel = "COMMAND=TIME",
            description =
                    "How long a command of the handler may take instead of what its package says, for example install=10m. May be repeated.")
    Map<String, Duration> deadlines = Map.of();

    @Option(names = "--package-deadlines", description = "Go back to the deadlines of the package.")
    boolean packageDeadlines;

    @Option(
            names = "--expire",
            paramLabel = "TIME",
            description =
                    "Give it up when the machine has not acknowledged it by then, for example 2h (default: never).")
    @Nullable Duration expire;

    @Option(names = "--new", description = "Refuse when an installation of that name exists.")
    boolean mustBeNew;

    @Mixin
    SettingsOptions settings;

    @Mixin
    WaitOptions wait = new WaitOptions();

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    InstallCommand(Surroundings world) {
        this.world = world;
        this.settings = new SettingsOptions(world);
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            String as = name != null ? name : defaultName(extension);
            String path = global.installationPath(machine, as);
            Output output = global.output();
            ExtensionView known = client.get("/v1/extensions/" + ApiClient.segment(extension), ExtensionView.class);
            Optional<InstallationView> before =
                    mustBeNew ? Optional.empty() : client.find(path, InstallationView.class);
            before.ifPresent(this::refuseOtherExtension);
            InstallationWrite write = new InstallationWrite(
                    known.name(),
                    version != null
                            ? version
                            : before.map(InstallationView::constraint).orElse(null),
                    settings.publicSettings(
                            before.map(InstallationView::settings).orElse(Map.of()), known),
                    settings.protectedSettings(),
                    after != null ? after : before.map(InstallationView::after).orElse(null),
                    rerun ? Boolean.TRUE : null,
                    deadlines(before),
                    expire == null ? null : expire.toSeconds());
            InstallationView view = client.put(path, write, mustBeNew, InstallationView.class);
            if (wait.wait) {
                output.remarks()
                        .println("Waiting for " + view.name() + " (" + view.extension() + " " + view.version() + ") on "
                                + machine);
                view = new Waiter(world, client, output.remarks()).untilHealthy(path, wait.timeout);
            }
            InstallationView last = view;
            output.print(last, () -> InstallationSheet.print(world, last, wait.wait));
            return 0;
        }
    }

    /** What is not given stays, as with everything else. */
    private Map<String, Long> deadlines(Optional<InstallationView> before) {
        Map<String, Long> seconds = new TreeMap<>();
        if (!packageDeadlines) {
            before.map(InstallationView::deadlines).ifPresent(seconds::putAll);
        }
        deadlines.forEach((command, deadline) -> seconds.put(command, deadline.toSeconds()));
        return seconds;
    }

    private void refuseOtherExtension(InstallationView there) {
        if (!there.extension().equalsIgnoreCase(extension)) {
            throw new ProblemException(
                    ProblemCode.INSTALLATION_EXISTS,
                    "cannot install " + extension + " as '" + there.name() + "' on " + machine
                            + ": that name belongs to " + there.extension(),
                    "Choose another name with --name, or uninstall '" + there.name() + "' first.");
        }
    }

    /** {@code vmext.Firewall} is installed as {@code firewall} when nobody gives a name. */
    static String defaultName(String extension) {
        String type = extension.substring(extension.lastIndexOf('.') + 1);
        return type.toLowerCase(Locale.ROOT);
    }

    /** Waiting, for all commands that can. */
    static final class WaitOptions {
        @Option(names = "--wait", description = "Wait until it is done, and fail when it fails.")
        boolean wait;

        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                defaultValue = "15m",
                converter = AgeConverter.class,
                description = "How long to wait at most, for example 90s or 15m (default: ${DEFAULT-VALUE}).")
        Duration timeout = Duration.ofMinutes(15);
    }
}
