package dev.vmext.agent;

import dev.vmext.agent.seal.Pem;
import dev.vmext.agent.seal.Secrets;
import dev.vmext.agent.seal.SettingsKey;
import dev.vmext.agent.seal.SettingsKeyStore;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The key that protected settings for this machine are sealed for: found at the start, or made once. Thread-safe. */
final class OwnSettingsKey {
    private static final System.Logger LOG = System.getLogger(OwnSettingsKey.class.getName());

    private final SettingsKeyStore keys;
    private final Secrets secrets;
    private final Consumer<String> publish;
    private final Executor workers;
    private final SecureRandom random;
    private final InstantSource clock;
    private final AtomicBoolean asked = new AtomicBoolean();

    /**
     * @param publish takes the certificate in PEM form, for the control plane
     */
    OwnSettingsKey(
            SettingsKeyStore keys,
            Secrets secrets,
            Consumer<String> publish,
            Executor workers,
            SecureRandom random,
            InstantSource clock) {
        this.keys = keys;
        this.secrets = secrets;
        this.publish = publish;
        this.workers = workers;
        this.random = random;
        this.clock = clock;
    }

    /** Uses the key that an agent before this one made. */
    void useIfMade() throws IOException {
        keys.find().ifPresent(this::use);
    }

    /** After the first connect, because it takes seconds on a slow machine and nobody needs it earlier. */
    void makeOnce() {
        if (asked.getAndSet(true)) {
            return;
        }
        workers.execute(() -> {
            try {
                if (keys.find().isEmpty()) {
                    SettingsKey made = SettingsKey.generate(random, clock.instant());
                    keys.keep(made);
                    LOG.log(System.Logger.Level.INFO, "Made the settings key {0}", made.thumbprint());
                    use(made);
                }
            } catch (IOException e) {
                asked.set(false); // the next connection tries again
                LOG.log(System.Logger.Level.ERROR, "Cannot make the settings key: {0}", e.getMessage());
            }
        });
    }

    private void use(SettingsKey key) {
        try {
            keys.place(key);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "Cannot write the settings key for handlers: {0}", e.getMessage());
        }
        secrets.opensWith(key);
        publish.accept(Pem.write("CERTIFICATE", key.certificate()));
    }
}
