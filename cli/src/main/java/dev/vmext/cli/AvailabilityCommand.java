package dev.vmext.cli;

import dev.vmext.protocol.api.AvailabilityShare;
import dev.vmext.protocol.api.AvailabilityView;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** How much of the time a machine, its installations and their probes were well. */
@Command(
        name = "availability",
        description = "How much of a day, a week and a month a machine, its installations and its probes were well.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  vmext availability web1", "  vmext availability web1 -o json"})
final class AvailabilityCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MACHINE", description = "Its name.")
    String machine = "";

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    AvailabilityCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            List<AvailabilityView> all = client.list(
                    global.projectPath() + "/machines/" + ApiClient.segment(machine) + "/availability",
                    AvailabilityView.class);
            global.output().print(Map.of("items", all), () -> print(all));
            return 0;
        }
    }

    private void print(List<AvailabilityView> all) {
        if (all.isEmpty()) {
            world.out().println("Nothing is known yet: the control plane looks once a minute.");
            return;
        }
        Table table = new Table("WHAT", "NAME", "NOW", "DAY", "WEEK", "MONTH");
        for (AvailabilityView view : all) {
            table.row(
                    view.kind(),
                    view.name().isEmpty()
                            ? machine
                            : view.installation().isEmpty() ? view.name() : view.installation() + "/" + view.name(),
                    view.state(),
                    share(view, 0),
                    share(view, 1),
                    share(view, 2));
        }
        table.print(world.out());
        boolean gaps = all.stream()
                .flatMap(view -> view.shares().stream())
                .anyMatch(share -> share.percent() != null && share.known() < 99);
        if (gaps) {
            world.out().println("In brackets: of how much of the time something is known.");
        }
    }

    private static String share(AvailabilityView view, int index) {
        if (index >= view.shares().size()) {
            return "-";
        }
        AvailabilityShare share = view.shares().get(index);
        Double percent = share.percent();
        if (percent == null) {
            return "-";
        }
        String text = percent >= 99.995 ? "100 %" : String.format(Locale.ROOT, "%.2f %%", percent);
        return share.known() < 99 ? text + String.format(Locale.ROOT, " (%.0f %%)", share.known()) : text;
    }
}
