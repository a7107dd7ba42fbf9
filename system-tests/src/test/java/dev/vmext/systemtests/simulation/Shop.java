package dev.vmext.systemtests.simulation;

import dev.vmext.agent.process.testing.FakeHandlers.Behaviour;
import dev.vmext.agent.process.testing.FakeHandlers.Call;
import dev.vmext.fleet.Publication;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.protocol.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What can be installed in a simulation: real signed packages, made once for all seeds. The name of an extension says what it is, its
 * version how it behaves.
 */
final class Shop {
    static final String ONCE = "acme.Once";
    static final String MANY = "acme.Many";
    static final String STEADY = "acme.Steady";
    static final String NEEDS = "acme.Needs";
    static final List<String> EXTENSIONS = List.of(ONCE, MANY, STEADY, NEEDS);

    /** Versions of {@link #STEADY} and {@link #MANY}; the others have the first two. */
    static final List<String> VERSIONS = List.of("1.0.0", "1.1.0", "1.2.0", "1.3.0");

    private final Path work;
    private final Map<Digest, byte[]> bytes = new HashMap<>();
    private final Map<String, Publication> publications = new HashMap<>();
    private final Path trust;

    Shop(Path work) {
        this.work = work;
        SamplePublisher publisher = new SamplePublisher("acme");
        this.trust = work.resolve("trust.json");
        TrustFile.write(trust, publisher.trusted(TrustMode.FULL));
        for (String extension : EXTENSIONS) {
            for (String version : VERSIONS) {
                make(publisher, extension, version);
            }
        }
    }

    private void make(SamplePublisher publisher, String extension, String version) {
        SamplePackage sample = new SamplePackage(extension, version);
        switch (extension) {
            case ONCE -> sample.extension("kind", "\"one-shot\"");
            case MANY ->
                sample.extension("instances", "\"many\"").extension("retry", "{\"attempts\": 2, \"delaySec\": 20}");
            case NEEDS -> sample.extension("dependencies", "[{\"name\": \"" + STEADY + "\"}]");
            default -> {
                // a plain one
            }
        }
        try {
            Path zip = sample.write(work.resolve(extension + "-" + version + ".zip"));
            byte[] content = Files.readAllBytes(zip);
            Digest digest = Digest.of(content);
            bytes.put(digest, content);
            publications.put(
                    extension + " " + version,
                    new Publication(
                            extension,
                            version,
                            sample.handlerJson(),
                            Optional.of(sample.extensionJson()),
                            digest,
                            content.length,
                            publisher.sign(zip).toJson(),
                            "key"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a handler's command behaves: two versions are broken, always in the same way. */
    static Behaviour behaviour(Call call) {
        return switch (call.version() + " " + call.word()) {
            case "1.2.0 install" -> new Behaviour.Exits(7);
            case "1.3.0 enable" -> new Behaviour.SaysError();
            default -> new Behaviour.Succeeds();
        };
    }

    Publication publication(String extension, String version) {
        Publication found = publications.get(extension + " " + version);
        if (found == null) {
            throw new IllegalStateException("nobody makes " + extension + " " + version);
        }
        return found;
    }

    Path trust() {
        return trust;
    }

    byte[] bytes(String path) {
        byte[] found = bytes.get(Digest.ofHex(path.substring(path.lastIndexOf('/') + 1)));
        if (found == null) {
            throw new IllegalStateException("nobody has " + path);
        }
        return found;
    }
}
