package dev.vmext.firewall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.machine.Programs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * A Debian machine in a folder: packages are names in a set, nft is an empty file, and the table is the text that was loaded
 * last. Its firewall-rules does to files what the real one does, and asks nobody; the real one is tried in {@link FirewallIT}.
 * It refuses programs it does not know. One thread.
 */
final class FakeMachine implements Programs {
    final Path root;
    final List<String> calls = new ArrayList<>();
    final Set<String> packages = new TreeSet<>(Set.of("apt", "libc6"));
    String table = "";
    boolean listsAreStale;
    boolean refusesRules;
    boolean systemctlFails;
    /** What firewall-rules says of rules it loaded. */
    String outcome = "confirmed";

    boolean controlPlaneIsLost;
    String neededByOthers = "";

    FakeMachine(Path root) {
        this.root = root;
    }

    Places places() {
        return new Places(root, root);
    }

    FakeMachine withNft() {
        packages.add("nftables");
        Path nft = root.resolve("usr/sbin/nft");
        try {
            Files.createDirectories(root.resolve("usr/sbin"));
            if (!Files.exists(nft)) {
                Files.createFile(
                        nft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    FakeMachine withSystemd() throws IOException {
        Files.createDirectories(root.resolve("run/systemd/system"));
        return this;
    }

    @Override
    public Result run(Duration timeout, String input, List<String> command) {
        String program = Path.of(command.getFirst()).getFileName().toString();
        List<String> words = command.stream()
                .skip(1)
                .filter(w -> !w.startsWith("-o") && !w.contains("::"))
                .toList();
        calls.add(program + " " + String.join(" ", words));
        return switch (program) {
            case "sh" -> script(Path.of(words.getFirst()), words);
            case "nft" -> nft(words, input);
            case "dpkg-query" -> new Result(0, String.join(" ii \n", packages) + " ii \n");
            case "apt-get" -> apt(words);
            case "systemctl" -> systemctlFails ? new Result(1, "Failed: no bus\n") : new Result(0, "");
            default -> throw new AssertionError("unexpected program " + command);
        };
    }

    private Result nft(List<String> words, String input) {
        if (words.contains("list")) {
            return table.isEmpty() ? new Result(1, "Error: No such file or directory\n") : new Result(0, table);
        }
        table = input.contains("chain") ? input : "";
        return new Result(0, "");
    }

    private Result script(Path script, List<String> words) {
        Path folder = Objects.requireNonNull(script.getParent());
        try {
            assertThat(Files.isExecutable(script)).isTrue();
            assertThat(folder.resolve("environment")).exists();
            return switch (words.get(1)) {
                case "apply" -> apply(folder, Files.readString(Path.of(words.get(2))));
                case "adopt" -> {
                    load(folder, Files.readString(folder.resolve("rules.nft")));
                    yield new Result(0, "");
                }
                case "remove" -> {
                    table = "";
                    yield new Result(0, "");
                }
                default -> throw new AssertionError("unexpected words " + words);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Result apply(Path folder, String rules) throws IOException {
        if (refusesRules) {
            return new Result(10, "Error: syntax error\n");
        }
        if (controlPlaneIsLost) {
            return new Result(12, "");
        }
        load(folder, rules);
        return new Result(0, outcome + "\n");
    }

    private void load(Path folder, String rules) throws IOException {
        table = rules;
        Files.createDirectories(places().rulesFolder());
        Files.writeString(places().rules(), rules);
        Files.writeString(folder.resolve("rules.nft"), rules);
        Files.deleteIfExists(places().current());
        Files.createSymbolicLink(places().current(), places().state().relativize(folder));
    }

    private Result apt(List<String> words) {
        if (words.contains("update")) {
            listsAreStale = false;
            return new Result(0, "");
        }
        if (words.contains("install")) {
            if (listsAreStale) {
                return new Result(100, "E: Unable to locate package nftables\n");
            }
            packages.add("libnftables1");
            withNft();
            return new Result(0, "");
        }
        Set<String> gone = new TreeSet<>(words);
        gone.retainAll(packages);
        if (gone.contains(neededByOthers)) {
            gone.add("docker");
        }
        if (!words.contains("-s")) {
            packages.removeAll(gone);
            try {
                Files.deleteIfExists(root.resolve("usr/sbin/nft"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Result(0, gone.stream().map(p -> "Purg " + p + " [1.0]\n").reduce("", String::concat));
    }
}
