package dev.vmext.agent.link;

import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The HTTP client that proves this machine's identity: one, made anew when the identity changes. Any thread. */
final class GatewayClients {
    private final Digest authority;
    private final InstantSource clock;
    private final double stretch;
    private final AtomicReference<@Nullable X509Certificate> shown = new AtomicReference<>();
    private @Nullable HttpClient client;
    private Optional<Identity> of = Optional.empty();

    /**
     * Makes nothing yet.
     *
     * @param stretch of time limits, for slow machines
     */
    GatewayClients(Digest authority, InstantSource clock, double stretch) {
        this.clock = clock;
        this.authority = authority;
        this.stretch = stretch;
    }

    synchronized HttpClient client(Optional<Identity> identity) throws IOException {
        HttpClient known = client;
        if (known != null && of.equals(identity)) {
            return known;
        }
        if (known != null) {
            known.shutdown();
        }
        HttpClient made = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(stretched(Duration.ofSeconds(20)))
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(PinnedTrust.context(new PinnedTrust(authority, clock, shown::set), identity))
                .build();
        client = made;
        of = identity;
        return made;
    }

    /** The client of the identity that was used last. */
    synchronized HttpClient client() throws IOException {
        HttpClient known = client;
        if (known == null) {
            throw new IOException("cannot reach the control plane: this machine is not connected");
        }
        return known;
    }

    /** The authority's certificate, once a gateway has shown it. */
    Optional<X509Certificate> authority() {
        return Optional.ofNullable(shown.get());
    }

    Duration stretched(Duration duration) {
        return Duration.ofMillis(Math.round(duration.toMillis() * stretch));
    }
}
