package dev.vmext.updates;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A root file system of its own over that of this machine, in a mount name space of its own: real apt and dpkg work in it, and nothing
 * of what they do is on the machine itself. Packages come from two repositories in it, one of which is for security. Needs root.
 */
final class AptMachine implements AutoCloseable {
    private static final String PREPARE = """
            set -e
            mount -t tmpfs tmpfs "$1"
            mkdir "$1/upper" "$1/work" "$1/root"
            mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
            cd "$1/root"
            mount -t proc proc proc
            mount -t tmpfs tmpfs run
            mount -t tmpfs tmpfs tmp
            mount --rbind /dev dev
            mkdir -p run/lock
            rm -rf etc/apt/sources.list etc/apt/sources.list.d/* etc/apt/preferences.d/* var/lib/apt/lists/* etc/apt/apt.conf.d/* var/log/dpkg.log*
            # Only for speed: this root does not outlive the test, and only its own packages count in it.
            echo force-unsafe-io > etc/dpkg/dpkg.cfg.d/test
            : > var/lib/dpkg/status
            rm -rf var/lib/dpkg/info var/lib/dpkg/triggers var/lib/dpkg/updates var/cache/apt/*.bin etc/apt/apt.conf
            mkdir var/lib/dpkg/info var/lib/dpkg/triggers var/lib/dpkg/updates
            : > var/lib/dpkg/triggers/Unincorp
            for suite in stable stable-security; do
                mkdir -p "repo/$suite"
                : > "repo/$suite/Packages"
                echo "deb [trusted=yes] file:/repo $suite/" >> etc/apt/sources.list
            done
            cp -r "$2" programs-of-test
            cp "$3/vmext-finding" "$3/vmext-status" programs-of-test/
            mkdir -p var/lib/vmext-updates events config status
            cp -r programs-of-test var/lib/vmext-updates/bin
            echo /events > var/lib/vmext-updates/events-folder
            echo /config > var/lib/vmext-updates/config-folder
            echo /status/0.status > var/lib/vmext-updates/status-file
            echo ready
            exec sleep 1200
            """;

    /** In the root: package NAME VERSION [LINE OF CONTROL]... makes a package; its script after unpacking is /scripts/NAME-VERSION. */
    private static final String TOOLS = """
            package() {
                folder=/tmp/made/$1-$2
                mkdir -p "$folder/DEBIAN" "$folder/usr/share/$1"
                echo "$2" > "$folder/usr/share/$1/version"
                printf 'Package: %s\\nVersion: %s\\nArchitecture: all\\nMaintainer: test <test@localhost>\\nDescription: test\\n' "$1" "$2" > "$folder/DEBIAN/control"
                file=/tmp/$1_$2.deb
                if [ -f "/scripts/$1-$2" ]; then cp "/scripts/$1-$2" "$folder/DEBIAN/postinst"; chmod 755 "$folder/DEBIAN/postinst"; fi
                shift 2
                for line in "$@"; do echo "$line" >> "$folder/DEBIAN/control"; done
                chmod -R go=rX "$folder"
                dpkg-deb -Znone -b "$folder" "$file" > /dev/null
            }
            publish() {
                suite=$1
                shift
                for deb in "$@"; do
                    cp "/tmp/$deb.deb" "/repo/$suite/"
                    { dpkg-deb --field "/tmp/$deb.deb"; printf 'Filename: %s/%s.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$suite" "$deb" "$(stat -c %s "/tmp/$deb.deb")" "$(sha256sum "/tmp/$deb.deb" | cut -d ' ' -f 1)"; } >> "/repo/$suite/Packages"
                done
                for one in stable stable-security; do
                    if [ $one = stable ]; then label=Debian; else label=Debian-Security; fi
                    printf 'Origin: Debian\\nLabel: %s\\nSuite: %s\\nVersion: 12\\nCodename: %s\\nArchitectures: amd64\\nDate: %s\\nSHA256:\\n %s %s Packages\\n' $label $one $one "$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')" \\
                        "$(sha256sum /repo/$one/Packages | cut -d ' ' -f 1)" "$(stat -c %s /repo/$one/Packages)" > /repo/$one/Release
                done
            }
            """;

    private final Process holder;
    private final Path root;

    record Said(int exit, String out) {}

    AptMachine(Path folder) throws Exception {
        root = folder.resolve("root");
        holder = new ProcessBuilder(
                        "unshare",
                        "-m",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        PREPARE,
                        "sh",
                        folder.toString(),
                        Path.of("src/main/package/programs").toAbsolutePath().toString(),
                        Path.of("../../../extension-kit/src/main/sh")
                                .toAbsolutePath()
                                .toString())
                .redirectErrorStream(true)
                .start();
        String said = "";
        int read;
        while (!said.contains("ready") && (read = holder.getInputStream().read()) >= 0) {
            said += (char) read;
        }
        assertThat(said).as("this test needs root, and overlays in the kernel").endsWith("ready");
    }

    /** Runs a script of the test in the root; it must succeed. */
    String sh(String script) throws Exception {
        Said said = run(TOOLS + script);
        assertThat(said.exit()).as(script + "\n" + said.out()).isZero();
        return said.out();
    }

    /** Runs a program of the extension as its unit does. */
    Said program(String words) throws Exception {
        return run("exec /bin/sh /var/lib/vmext-updates/bin/" + words);
    }

    private Said run(String script) throws Exception {
        List<String> words = new ArrayList<>(List.of("nsenter", "-t", Long.toString(holder.pid()), "-m", "--"));
        words.addAll(List.of("chroot", root.toString(), "/bin/sh", "-c", script));
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        return new Said(process.exitValue(), out);
    }

    /** Writes the configuration as the handler does. */
    void configure(String settings) throws Exception {
        Map<String, String> files = new TreeMap<>(
                Configuration.files(UpdateSettingsTest.settings(settings), PackageManager.APT, List.of()));
        StringBuilder script = new StringBuilder(
                "rm -rf /etc/vmext-updates; mkdir -p /etc/vmext-updates/windows /etc/vmext-updates/hooks\n");
        for (Map.Entry<String, String> file : files.entrySet()) {
            script.append("cat > /etc/vmext-updates/").append(file.getKey()).append(" <<'END-OF-FILE'\n");
            script.append(file.getValue());
            script.append(file.getValue().isEmpty() || file.getValue().endsWith("\n") ? "" : "\n");
            script.append("END-OF-FILE\n");
        }
        sh(script.toString());
    }

    String version(String name) throws Exception {
        return sh("dpkg-query -W -f '${Version}' " + name);
    }

    /** What was told since the last question, oldest first. */
    String told() throws Exception {
        return sh("for f in /events/*.json; do [ ! -f $f ] || cat $f; done; rm -f /events/*")
                .replace("\\\"", "\"");
    }

    String status() throws Exception {
        return sh("cat /status/0.status");
    }

    @Override
    public void close() throws IOException {
        holder.destroyForcibly();
        Files.deleteIfExists(root);
    }
}
