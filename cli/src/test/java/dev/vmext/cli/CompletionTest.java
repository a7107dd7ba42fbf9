package dev.vmext.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The printed script in a real bash, with a stand-in for vmext that answers as {@code complete-names} does. */
class CompletionTest {
    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        ByteArrayOutputStream script = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(script, true, StandardCharsets.UTF_8);
        Surroundings world = new Surroundings(
                InputStream.nullInputStream(),
                out,
                new PrintStream(OutputStream.nullOutputStream()),
                false,
                () -> Instant.EPOCH,
                duration -> {},
                new SecureRandom(),
                prompt -> Optional.empty(),
                Map.of(),
                folder,
                Optional.empty());
        assertThat(CommandLines.run(world, "completion", "bash")).isZero();
        Files.write(folder.resolve("completion"), script.toByteArray());
        Path vmext = folder.resolve("vmext");
        Files.writeString(vmext, """
                #!/bin/sh
                [ "$1" = complete-names ] || exit 1
                case "$2 $3" in
                    "machines ") printf 'web1\\nweb2\\ndb1\\n' ;;
                    "installations web1") printf 'firewall\\nmotd\\n' ;;
                    "extensions ") printf 'vmext.Firewall\\nvmext.CustomScript\\n' ;;
                    "findings ") printf '5b2f90aa-1\\n7c-2\\n' ;;
                    *) exit 3 ;;
                esac
                """);
        Files.setPosixFilePermissions(vmext, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What bash offers with the cursor behind the last of these words. */
    private List<String> completed(String... words) throws Exception {
        StringBuilder quoted = new StringBuilder();
        for (String word : words) {
            quoted.append(" '").append(word).append('\'');
        }
        String line = ". ./completion; COMP_WORDS=(" + quoted + "); COMP_CWORD=" + (words.length - 1)
                + "; COMP_LINE=\"${COMP_WORDS[*]}\"; COMP_POINT=${#COMP_LINE}; _vmext; printf '%s\\n' \"${COMPREPLY[@]}\"";
        Process bash = new ProcessBuilder("bash", "--norc", "-c", line)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(output).isZero();
        return output.lines().map(String::strip).filter(text -> !text.isEmpty()).toList();
    }

    @Test
    void completesCommandsAndOptions() throws Exception {
        assertThat(completed("./vmext", "inst")).contains("install", "installation");
        assertThat(completed("./vmext", "installation", "re")).contains("retry", "reset", "release");
        assertThat(completed("./vmext", "install", "--dead")).contains("--deadline");
    }

    @Test
    void completesNamesOfMachines() throws Exception {
        assertThat(completed("./vmext", "machine", "show", "w")).containsExactly("web1", "web2");
        assertThat(completed("./vmext", "install", "d")).containsExactly("db1");
    }

    @Test
    void completesNamesOfInstallationsOfThatMachine() throws Exception {
        assertThat(completed("./vmext", "installation", "retry", "web1", "")).containsExactly("firewall", "motd");
        assertThat(completed("./vmext", "uninstall", "web1", "m")).containsExactly("motd");
    }

    @Test
    void completesFindings() throws Exception {
        assertThat(completed("./vmext", "finding", "acknowledge", "5")).containsExactly("5b2f90aa-1");
        assertThat(completed("./vmext", "finding", "list", "--sev")).contains("--severity");
    }

    @Test
    void completesNamesOfExtensions() throws Exception {
        assertThat(completed("./vmext", "install", "web1", "vmext.F")).containsExactly("vmext.Firewall");
    }
}
