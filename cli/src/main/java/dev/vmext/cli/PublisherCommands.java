package dev.vmext.cli;

import dev.vmext.packageformat.archive.ArchiveLimits;
import dev.vmext.packageformat.archive.PackageReader;
import dev.vmext.packageformat.archive.PackageWriter;
import dev.vmext.packageformat.archive.PackedFile;
import dev.vmext.packageformat.manifest.ExtensionVersion;
import dev.vmext.packageformat.manifest.PackageDescription;
import dev.vmext.packageformat.manifest.PackageIdentity;
import dev.vmext.packageformat.signing.PackageSignature;
import dev.vmext.packageformat.signing.PackageSigner;
import dev.vmext.packageformat.signing.PackageVerifier;
import dev.vmext.packageformat.signing.SigningKey;
import dev.vmext.packageformat.signing.SigningKeyFile;
import dev.vmext.packageformat.signing.VerifiedPackage;
import dev.vmext.packageformat.trust.TrustFile;
import dev.vmext.protocol.api.ExtensionView;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What a publisher does. All but publish work without a control plane. */
final class PublisherCommands {
    private PublisherCommands() {}

    /** The signature lies beside its package. */
    static Path signatureFile(Path zip) {
        return zip.resolveSibling(zip.getFileName() + PackageSignature.FILE_SUFFIX);
    }

    /** Makes a publisher's key. */
    @Command(
            name = "keygen",
            description = "Make an Ed25519 key: FILE for you alone, FILE.pub for owners of machines.",
            mixinStandardHelpOptions = true)
    static final class Keygen implements Callable<Integer> {
        @Parameters(
                index = "0",
                paramLabel = "FILE",
                description = "Where the private key goes. An existing file is never replaced.")
        Path file = Path.of("");

        @Mixin
        LocalOptions local;

        private final Surroundings world;

        Keygen(Surroundings world) {
            this.world = world;
            this.local = new LocalOptions(world);
        }

        @Override
        public Integer call() {
            SigningKey key = SigningKey.generate(world.random());
            SigningKeyFile.write(file, key);
            Path publicFile = file.resolveSibling(file.getFileName() + ".pub");
            writeText(publicFile, key.publicKey().text() + "\n");
            local.output()
                    .print(
                            Map.of(
                                    "privateKey",
                                    file.toString(),
                                    "publicKey",
                                    key.publicKey().text(),
                                    "keyId",
                                    key.publicKey().id()),
                            () -> {
                                world.out().println("Private key: " + file + " (keep it; it cannot be made again)");
                                world.out()
                                        .println("Public key:  "
                                                + key.publicKey().text());
                                world.out()
                                        .println(
                                                "  Owners of machines put it into trust.json, beside the name space it may sign for.");
                            });
            return 0;
        }
    }

    /** Makes a package. */
    @Command(
            name = "pack",
            description =
                    "Make a package of a folder with HandlerManifest.json and, best, extension.json. The same folder always gives the same bytes.",
            mixinStandardHelpOptions = true)
    static final class Pack implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "FOLDER")
        Path folder = Path.of("");

        @Option(names = "--to", paramLabel = "FILE", description = "The zip to write (default: NAME-VERSION.zip here).")
        @Nullable Path to;

        @Mixin
        LocalOptions local;

        private final Surroundings world;

        Pack(Surroundings world) {
            this.world = world;
            this.local = new LocalOptions(world);
        }

        @Override
        public Integer call() {
            ArchiveLimits limits = ArchiveLimits.standard();
            Path temporary = temporaryBeside(to == null ? Path.of("package.zip") : to);
            try {
                PackedFile packed = new PackageWriter(limits).pack(folder, temporary);
                PackageDescription description = new PackageReader(limits).describe(temporary);
                Path target = to != null ? to : Path.of(description.identity().folderName() + ".zip");
                Files.move(temporary, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                local.output()
                        .print(
                                Map.of(
                                        "file",
                                        target.toString(),
                                        "digest",
                                        packed.digest().text(),
                                        "size",
                                        packed.size()),
                                () -> world.out()
                                        .println(target + ": " + description.identity() + ", " + packed.size()
                                                + " bytes, " + packed.digest() + "\n  Next: vmext extension sign "
                                                + target + " --key YOUR.key"));
                return 0;
            } catch (IOException e) {
                throw cannotWrite(to == null ? Path.of("the package") : to, e);
            } finally {
                deleteQuietly(temporary);
            }
        }
    }

    /** Signs a package. */
    @Command(name = "sign", description = "Sign a package; the signature is written beside it, as FILE.sig.json.")
    static final class Sign implements Callable<Integer> {
        /** The standard help options would bring a --version of their own, and picocli then leaves all of them away. */
        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help message and exit.")
        boolean help;

        @Parameters(index = "0", paramLabel = "PACKAGE")
        Path zip = Path.of("");

        @Option(
                names = "--key",
                paramLabel = "FILE",
                required = true,
                description = "The publisher's private key, see keygen.")
        Path key = Path.of("");

        @Option(
                names = "--version",
                paramLabel = "VERSION",
                description = "The package's version with a fourth part, for a rebuild of the same version.")
        @Nullable String version;

        @Option(
                names = "--name",
                paramLabel = "NAME",
                description = "For a package that does not say its name; needs --version.")
        @Nullable String name;

        @Mixin
        LocalOptions local;

        private final Surroundings world;

        Sign(Surroundings world) {
            this.world = world;
            this.local = new LocalOptions(world);
        }

        @Override
        public Integer call() {
            SigningKey signingKey = SigningKeyFile.read(key);
            PackageSignature signature = sign(signingKey);
            Path file = signatureFile(zip);
            writeText(file, signature.toJson());
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("package", zip.toString());
            answer.put("signature", file.toString());
            answer.put("identity", signature.unverifiedStatement().identity().toString());
            answer.put("digest", signature.unverifiedStatement().digest().text());
            answer.put("keyId", signingKey.publicKey().id());
            local.output()
                    .print(
                            answer,
                            () -> world.out()
                                    .println(file + ": " + answer.get("identity") + " signed with key "
                                            + answer.get("keyId") + "\n  Next: vmext extension publish " + zip));
            return 0;
        }

        private PackageSignature sign(SigningKey signingKey) {
            PackageSigner signer = new PackageSigner(ArchiveLimits.standard());
            if (name != null) {
                if (version == null) {
                    throw new ProblemException(
                            ProblemCode.INVALID_VALUE,
                            "cannot sign " + zip + " as " + name + ": --name needs --version",
                            "Give both.");
                }
                return signer.sign(zip, PackageIdentity.of(name, version), signingKey);
            }
            return version == null
                    ? signer.sign(zip, signingKey)
                    : signer.sign(zip, ExtensionVersion.of(version), signingKey);
        }
    }

    /** Checks a package as a machine would. */
    @Command(
            name = "verify",
            description = "Check a package and its signature against a trust file, as a machine would.",
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "PACKAGE")
        Path zip = Path.of("");

        @Option(names = "--signature", paramLabel = "FILE", description = "(default: PACKAGE.sig.json)")
        @Nullable Path signature;

        @Option(names = "--trust", paramLabel = "FILE", required = true, description = "The machine's trust.json.")
        Path trust = Path.of("");

        @Mixin
        LocalOptions local;

        private final Surroundings world;

        Verify(Surroundings world) {
            this.world = world;
            this.local = new LocalOptions(world);
        }

        @Override
        public Integer call() {
            Path signatureFile = signature != null ? signature : signatureFile(zip);
            VerifiedPackage verified = new PackageVerifier(ArchiveLimits.standard())
                    .verify(zip, PackageSignature.parse(bytes(signatureFile)), TrustFile.read(trust));
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("identity", verified.identity().toString());
            answer.put("digest", verified.signed().statement().digest().text());
            answer.put("keyId", verified.signed().key().id());
            answer.put("namespace", verified.signed().namespace());
            answer.put("scripts", verified.description().scripts());
            local.output()
                    .print(
                            answer,
                            () -> world.out()
                                    .println("Good: " + answer.get("identity") + ", signed by key "
                                            + answer.get("keyId") + " for name space "
                                            + answer.get("namespace")
                                            + (verified.description().scripts()
                                                    ? "; runs scripts, so machines in mode no-scripts refuse it"
                                                    : "")));
            return 0;
        }
    }

    /** Puts a signed package into the catalog. */
    @Command(
            name = "publish",
            description = "Put a signed package into the control plane's catalog.",
            mixinStandardHelpOptions = true)
    static final class Publish implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "PACKAGE")
        Path zip = Path.of("");

        @Option(names = "--signature", paramLabel = "FILE", description = "(default: PACKAGE.sig.json)")
        @Nullable Path signature;

        @Mixin
        GlobalOptions global;

        private final Surroundings world;

        Publish(Surroundings world) {
            this.world = world;
            this.global = new GlobalOptions(world);
        }

        @Override
        public Integer call() throws InterruptedException {
            Path signatureFile = signature != null ? signature : signatureFile(zip);
            PackageSignature envelope = PackageSignature.parse(bytes(signatureFile));
            try (ApiClient client = global.client()) {
                ExtensionView view = client.upload("/v1/extensions", zip, envelope.toJson(), ExtensionView.class);
                String identity = envelope.unverifiedStatement().identity().toString();
                global.output()
                        .print(
                                view,
                                () -> world.out()
                                        .println("Published " + identity + ".\n  Install it: vmext install MACHINE "
                                                + view.name()));
                return 0;
            }
        }
    }

    /** Options of commands that need no control plane. */
    static final class LocalOptions {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "table",
                description = "How to print: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
        Output.Format format = Output.Format.table;

        private final Surroundings world;

        LocalOptions(Surroundings world) {
            this.world = world;
        }

        Output output() {
            return new Output(world, format);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    private static void writeText(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw cannotWrite(file, e);
        }
    }

    private static Path temporaryBeside(Path target) {
        return target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // The package itself is in place or was reported as failed; a left-over temporary file changes neither.
            return;
        }
    }

    private static ProblemException cannotWrite(Path file, IOException e) {
        return new ProblemException(
                ProblemCode.FILE_UNREADABLE,
                "cannot write " + file + ": " + e.getMessage(),
                "Check the folder's rights and free space.",
                e);
    }
}
