package dev.vmext.packageformat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.archive.PackageUnpacker;
import dev.vmext.packageformat.manifest.ExtensionManifest;
import dev.vmext.packageformat.manifest.HandlerManifest;
import dev.vmext.packageformat.manifest.ImageManifest;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.testing.EvilPackage;
import dev.vmext.packageformat.testing.SamplePackage;
import dev.vmext.packageformat.testing.SamplePublisher;
import dev.vmext.packageformat.testing.ZipForge;
import dev.vmext.packageformat.testing.ZipForge.Entry;
import dev.vmext.packageformat.trust.TrustMode;
import dev.vmext.packageformat.trust.TrustPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes good inputs and changes some bytes: whatever comes in, a reader answers or refuses with its own exception, and nothing
 * lands outside the target folder. Each case prints its seed when it fails, so it can be repeated.
 */
class MutationTest {
    private static final int ROUNDS = 2_000;

    /** Reads bytes; may throw {@link PackageException} and nothing else. */
    private interface Reader {
        void read(byte[] bytes) throws IOException;
    }

    @TempDir
    Path folder;

    private static byte[] mutated(byte[] good, RandomGenerator random) {
        byte[] bytes = good.clone();
        for (int change = random.nextInt(4); change >= 0; change--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) "\"{}[]:,/.\\\0<>-".charAt(random.nextInt(14));
                case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                case 4 -> bytes[at] = (byte) 0xff;
                default -> {
                    int length = Math.min(random.nextInt(16), bytes.length - at);
                    System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
                }
            }
        }
        return bytes;
    }

    private static void holds(byte[] good, int rounds, Reader reader) {
        for (int seed = 0; seed < rounds; seed++) {
            byte[] bytes = mutated(good, new Random(seed));
            try {
                reader.read(bytes);
            } catch (PackageException refused) {
                assertThat(refused.detail()).as("seed %d", seed).startsWith("cannot ");
            } catch (IOException | RuntimeException | StackOverflowError wrong) {
                throw new AssertionError("seed " + seed + ": " + wrong, wrong);
            }
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void manifestReadersHold() {
        SamplePackage sample = new SamplePackage("sample.Hello", "1.0.0")
                .extension("probes", "[{\"name\": \"a\", \"tcp\": {\"port\": 22}}]")
                .extension("platforms", "[{\"os\": \"linux\", \"versions\": [\"12\"]}]")
                .extension("settingsSchema", "{\"type\": \"object\", \"n\": [1, 2.5e3, null, true]}");
        holds(utf8(sample.extensionJson()), ROUNDS, ExtensionManifest::parse);
        holds(utf8(sample.handlerJson()), ROUNDS, HandlerManifest::parse);
        String xml = "<?xml version='1.0'?><E a='b'><ProviderNameSpace>a</ProviderNameSpace><!-- c --><Type>B</Type>"
                + "<Version>1.2</Version><![CDATA[x]]></E>";
        holds(utf8(xml), ROUNDS, ImageManifest::findIdentity);
    }

    @Test
    void trustAndSignatureReadersHold() {
        SamplePublisher publisher = new SamplePublisher("sample");
        holds(publisher.trusted(TrustMode.FULL).toBytes(), ROUNDS, TrustPolicy::parse);
        Path zip = new SamplePackage("sample.Hello", "1.0.0").write(folder.resolve("a.zip"));
        holds(
                publisher.sign(zip).toBytes(),
                ROUNDS,
                bytes -> PackageSignature.parse(bytes).unverifiedStatement());
    }

    @Test
    void zipReaderHoldsAndNothingLeavesTheFolder() throws IOException {
        SamplePackage sample = new SamplePackage("sample.Hello", "1.0.0");
        byte[] forged = new ZipForge()
                .add(Entry.stored("HandlerManifest.json", sample.handlerJson()))
                .add(Entry.stored("bin/", "").mode(0040755))
                .add(Entry.stored("bin/run.sh", "#!/bin/sh\n").mode(0100755))
                .add(Entry.zeros("zeros", 1000))
                .toBytes();
        byte[] packed = Files.readAllBytes(sample.write(folder.resolve("packed.zip")));
        byte[] linked = EvilPackage.SYMBOLIC_LINK.toBytes();
        Path area = Files.createDirectory(folder.resolve("area"));
        Path zip = folder.resolve("mutated.zip");
        int[] unpacked = {0};
        for (byte[] good : new byte[][] {forged, packed, linked}) {
            holds(good, 500, bytes -> {
                Files.write(zip, bytes);
                Path target = area.resolve("target");
                try {
                    new PackageReader(ArchiveLimits.standard()).describe(zip, PackageIdentity.of("a.B", "1"));
                    new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, target);
                    unpacked[0]++;
                    checkHarmless(target);
                    delete(target);
                } finally {
                    try (Stream<Path> left = Files.list(area)) {
                        assertThat(left).isEmpty();
                    }
                }
            });
        }
        // Changed times and the like do no harm; if nothing were accepted, the test would test nothing.
        assertThat(unpacked[0]).isPositive();
    }

    private static void checkHarmless(Path target) throws IOException {
        try (Stream<Path> all = Files.walk(target)) {
            assertThat(all)
                    .allSatisfy(path -> assertThat(Files.isSymbolicLink(path)).isFalse());
        }
    }

    private static void delete(Path target) throws IOException {
        try (Stream<Path> all = Files.walk(target)) {
            for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Names made of the pieces that attacks are made of: either refused, or unpacked to exactly where the name says. */
    @Test
    void everyNameIsRefusedOrStaysInside() throws IOException {
        String[] pieces = {
            "..", ".", "/", "\\", "a", "B", "b", "\0", "\n", ":", "C", "~", " ", "%2e", "\u00e4", "\u202e", "..."
        };
        Path area = Files.createDirectory(folder.resolve("area"));
        Path zip = folder.resolve("named.zip");
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            StringBuilder name = new StringBuilder();
            for (int i = random.nextInt(6); i >= 0; i--) {
                name.append(pieces[random.nextInt(pieces.length)]);
            }
            boolean folderName = name.toString().endsWith("/");
            Files.write(
                    zip,
                    new ZipForge()
                            .add(Entry.stored(name.toString(), folderName ? "" : "x")
                                    .mode(folderName ? 0040755 : 0100644))
                            .toBytes());
            Path target = area.resolve("target");
            try {
                new PackageUnpacker(ArchiveLimits.standard()).unpack(zip, target);
                assertThat(target.resolve(name.toString()).normalize())
                        .as("seed %d", seed)
                        .startsWith(target)
                        .exists();
                delete(target);
            } catch (PackageException refused) {
                assertThat(refused.kind()).as("seed %d: %s", seed, name).isEqualTo(PackageProblem.UNSAFE_ENTRY);
            }
            try (Stream<Path> left = Files.list(area)) {
                assertThat(left).as("seed %d", seed).isEmpty();
            }
        }
    }
}
