package dev.vmext.extensionkit.repository;

import dev.vmext.extensionkit.ExitCode;
import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerEnvironment;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.JsonException;
import dev.vmext.extensionkit.SmallFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What the agent tells an installation of the way to the gateway: the file {@code gateway.json} in its configuration folder, for
 * packages that declare {@code gateway}. It is replaced whenever something of it changes, so what runs later reads the file again.
 *
 * @param file where it lies
 * @param url of the gateway, without a slash at the end
 * @param machine id of this machine
 * @param installation name of this installation
 */
public record Gateway(
        Path file, String url, String machine, String installation, Path caFile, Path clientCertificateFile) {

    /**
     * Reads it.
     *
     * @throws HandlerException when there is none, or it cannot be understood
     */
    public static Gateway read(HandlerEnvironment environment) {
        Path file = environment.configFolder().resolve("gateway.json");
        try {
            Fields fields = Fields.of("gateway.json", Json.parse(SmallFiles.readText(file, 64 * 1024)));
            return new Gateway(
                    file,
                    fields.getString("url").replaceFirst("/+$", ""),
                    fields.getString("machine"),
                    fields.getString("installation"),
                    Path.of(fields.getString("caFile")),
                    Path.of(fields.getString("clientCertificateFile")));
        } catch (IOException | JsonException e) {
            throw new HandlerException(
                    ExitCode.ENVIRONMENT,
                    "cannot learn the way to the control plane's repositories from " + file + ": " + SmallFiles.why(e),
                    "The agent writes this file; update the agent, or name a repository of your own in the settings.",
                    e);
        }
    }
}
