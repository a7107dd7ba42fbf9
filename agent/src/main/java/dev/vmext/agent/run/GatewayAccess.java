package dev.vmext.agent.run;

import java.io.IOException;
import java.nio.file.Path;

/** Tells handlers that may use the gateway how to reach it. Any thread. */
public interface GatewayAccess {
    /** There is no gateway: for machines without a control plane. */
    GatewayAccess NONE = (config, installation) -> {};

    /**
     * Writes {@code gateway.json} into a handler's config folder, which exists; nothing is written when it says the same already.
     *
     * @throws IOException when this machine was never enrolled, or the file cannot be written
     */
    void write(Path config, String installation) throws IOException;
}
