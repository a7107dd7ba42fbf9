package dev.vmext.cli;

import dev.vmext.protocol.api.SignInLink;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A way into the portal. */
@Command(
        name = "portal",
        description = "Print a link that signs a browser in to the portal, once.",
        mixinStandardHelpOptions = true)
final class PortalCommand implements Callable<Integer> {
    @Mixin
    GlobalOptions global;

    private final Surroundings world;

    PortalCommand(Surroundings world) {
        this.world = world;
        this.global = new GlobalOptions(world);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ApiClient client = global.client()) {
            SignInLink link = client.post("/v1/sign-in-links", null, SignInLink.class);
            global.output()
                    .print(link, () -> world.out().println(link.url() + "\n  works once, until " + link.expiresAt()));
            return 0;
        }
    }
}
