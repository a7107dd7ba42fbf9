package dev.vmext.agent.doctor;

import dev.vmext.agent.config.AgentConfig;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.json.JsonTree;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.seal.SettingsKeyStore;
import dev.vmext.protocol.goal.ProtectedSettings;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Learns the secrets of this machine without a running agent: from the settings files of its handlers, which only its settings key opens,
 * and from the enrolment token. What cannot be opened holds nothing that was ever shown.
 */
public final class KnownSecrets {
    private static final System.Logger LOG = System.getLogger(KnownSecrets.class.getName());

    private KnownSecrets() {}

    /** Teaches all that can be read here. */
    public static void learn(Places places, Secrets secrets) {
        try {
            if (Files.isReadable(places.enrolmentFile())) {
                secrets.learnValue(AgentConfig.readToken(places.enrolmentFile()));
            }
            new SettingsKeyStore(places.identity(), places.certificates())
                    .find()
                    .ifPresent(secrets::opensWith);
            try (DirectoryStream<Path> installations = Files.newDirectoryStream(places.handlers())) {
                for (Path installation : installations) {
                    learnInstallation(installation, secrets);
                }
            }
        } catch (IOException | RuntimeException unreadable) {
            LOG.log(System.Logger.Level.DEBUG, "No secrets to learn from: {0}", unreadable.getMessage());
        }
    }

    private static void learnInstallation(Path installation, Secrets secrets) throws IOException {
        if (!Files.isDirectory(installation)) {
            return;
        }
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(installation)) {
            for (Path version : versions) {
                Path config = version.resolve("config");
                if (Files.isDirectory(config)) {
                    try (DirectoryStream<Path> files = Files.newDirectoryStream(config, "*.settings")) {
                        for (Path file : files) {
                            learnFile(file, secrets);
                        }
                    }
                }
            }
        }
    }

    private static void learnFile(Path file, Secrets secrets) {
        try {
            find(JsonTree.parse(Files.readAllBytes(file)), secrets);
        } catch (IOException unreadable) {
            LOG.log(System.Logger.Level.DEBUG, "Nothing learnt from {0}: {1}", file, unreadable.getMessage());
        }
    }

    private static void find(@Nullable Object tree, Secrets secrets) throws IOException {
        switch (tree) {
            case List<?> items -> {
                for (Object item : items) {
                    find(item, secrets);
                }
            }
            case Map<?, ?> object -> {
                if (object.get("protectedSettings") instanceof String cms
                        && object.get("protectedSettingsCertThumbprint") instanceof String thumbprint) {
                    var _ = secrets.open(new ProtectedSettings(thumbprint, cms));
                } else {
                    for (Object value : object.values()) {
                        find(value, secrets);
                    }
                }
            }
            case null, default -> {
                // a plain value
            }
        }
    }
}
