package dev.vmext.cli;

import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.api.FindingPage;
import dev.vmext.protocol.api.FindingView;
import dev.vmext.protocol.api.InstallationView;
import dev.vmext.protocol.api.MachineView;
import dev.vmext.protocol.api.TokenView;
import dev.vmext.protocol.api.WebhookView;
import dev.vmext.protocol.problem.ProblemException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Answers the completion script: names, one a line, and nothing at all when they cannot be had. */
@Command(name = "complete-names", hidden = true, mixinStandardHelpOptions = true)
final class CompleteNamesCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "KIND")
    String kind = "";

    @Parameters(index = "1", paramLabel = "OF", arity = "0..1")
    @Nullable String of;

    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    CompleteNamesCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            names(client).forEach(name -> world.out().println(Table.clean(name)));
            return 0;
        } catch (ProblemException nobodyToAsk) {
            return nobodyToAsk.code().exitCode().number();
        }
    }

    private List<String> names(ApiClient client) throws InterruptedException {
        return switch (kind) {
            case "machines" ->
                client.list(global.projectPath() + "/machines", MachineView.class).stream()
                        .map(MachineView::name)
                        .toList();
            case "installations" ->
                client
                        .list(global.machinePath(of == null ? "" : of) + "/installations", InstallationView.class)
                        .stream()
                        .map(InstallationView::name)
                        .toList();
            case "extensions" ->
                client.list("/v1/extensions", ExtensionView.class).stream()
                        .map(ExtensionView::name)
                        .toList();
            case "versions" ->
                client
                        .get("/v1/extensions/" + ApiClient.segment(of == null ? "" : of), ExtensionView.class)
                        .versions()
                        .stream()
                        .map(ExtensionView.VersionView::version)
                        .toList();
            case "commands" ->
                client.list(global.machinePath(of == null ? "" : of) + "/commands", CommandView.class).stream()
                        .map(CommandView::id)
                        .toList();
            case "findings" ->
                client
                        .get(global.projectPath() + "/findings?state=open,acknowledged&limit=1000", FindingPage.class)
                        .items()
                        .stream()
                        .map(FindingView::id)
                        .toList();
            case "webhooks" ->
                client.list(global.projectPath() + "/webhooks", WebhookView.class).stream()
                        .map(WebhookView::name)
                        .toList();
            case "tokens" ->
                client.list("/v1/tokens", TokenView.class).stream()
                        .map(TokenView::id)
                        .toList();
            default -> List.of();
        };
    }
}
