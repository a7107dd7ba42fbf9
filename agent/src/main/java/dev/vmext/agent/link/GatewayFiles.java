package dev.vmext.agent.link;

import dev.vmext.agent.config.PrivateFile;
import dev.vmext.agent.run.GatewayAccess;
import dev.vmext.agent.seal.Pem;
import dev.vmext.protocol.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What handlers are given of the way to the gateway: {@code gateway.json} in their config folders, and beside the identity the
 * authority ({@code gateway-ca.pem}) and certificate with key in one file ({@code client.pem}), in the form that other programs take.
 * The link's thread tells of connections; workers write for handlers.
 */
final class GatewayFiles implements GatewayAccess {
    static final String FILE_NAME = "gateway.json";

    private static final System.Logger LOG = System.getLogger(GatewayFiles.class.getName());

    private final Path identity;
    private final Path handlers;
    private final IdentityStore store;
    private final GatewayChoice choice;
    private @Nullable String connectedTo;

    /**
     * Writes nothing yet.
     *
     * @param identity the folder of the store
     * @param handlers the folder of all installations
     */
    GatewayFiles(Path identity, Path handlers, IdentityStore store, GatewayChoice choice) {
        this.identity = identity;
        this.handlers = handlers;
        this.store = store;
        this.choice = choice;
    }

    @Override
    public synchronized void write(Path config, String installation) throws IOException {
        Identity me = store.current()
                .orElseThrow(() -> new IOException("this machine is not enrolled, so it has no gateway to tell of"));
        String gateway = connectedTo == null ? choice.current() : connectedTo;
        replace(
                config.resolve(FILE_NAME),
                new JsonWriter()
                        .number("v", 1)
                        .text("url", "https://" + gateway)
                        .text("machine", me.machine().toString())
                        .text("installation", installation)
                        .text("caFile", authorityFile().toString())
                        .text("clientCertificateFile", clientFile().toString())
                        .toBytes());
    }

    private Path authorityFile() {
        return identity.resolve("gateway-ca.pem");
    }

    private Path clientFile() {
        return identity.resolve("client.pem");
    }

    /** The machine is connected with this identity: what other programs read is brought up to date. Never throws, the link goes on without. */
    synchronized void connected(String gateway, Optional<X509Certificate> authority) {
        connectedTo = gateway;
        try {
            if (authority.isPresent()) {
                replace(
                        authorityFile(),
                        Pem.write("CERTIFICATE", authority.get().getEncoded()).getBytes(StandardCharsets.US_ASCII));
            }
            Optional<Identity> me = store.current();
            if (me.isPresent()) {
                replace(clientFile(), me.get().toClientPem());
            }
            for (Path installation : folders(handlers)) {
                for (Path version : folders(installation)) {
                    Path config = version.resolve("config");
                    if (Files.isRegularFile(config.resolve(FILE_NAME), LinkOption.NOFOLLOW_LINKS)) {
                        write(config, installation.getFileName().toString());
                    }
                }
            }
        } catch (IOException | GeneralSecurityException | DirectoryIteratorException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Cannot write down for handlers how to reach the gateway; trying again at the next connection: {0}",
                    e.getMessage());
        }
    }

    private static List<Path> folders(Path in) throws IOException {
        List<Path> folders = new ArrayList<>();
        if (Files.isDirectory(in)) {
            try (DirectoryStream<Path> found =
                    Files.newDirectoryStream(in, path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))) {
                found.forEach(folders::add);
            }
        }
        return folders;
    }

    private static void replace(Path file, byte[] content) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || !Arrays.equals(Files.readAllBytes(file), content)) {
            PrivateFile.write(file, content);
        }
    }
}
