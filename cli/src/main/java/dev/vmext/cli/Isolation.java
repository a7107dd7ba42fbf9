package dev.vmext.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What keeps a handler apart from this computer: its own processes, mounts and network, and a layer above each folder of the system
 * that takes all its writes. Needs root and a kernel that allows it.
 *
 * @param apart whether it is
 * @param command words that go before the command to run
 * @param watched folders to compare before and after, as {@code DIR=NAME}
 */
record Isolation(boolean apart, List<String> command, List<String> watched) {
    private static final List<String> FOLDERS =
            List.of("bin", "boot", "etc", "home", "lib", "lib64", "opt", "root", "sbin", "srv", "usr", "var");
    private static final String SCRIPT = """
            set -e
            layers=$1 network=$2
            shift 2
            mount --make-rprivate /
            [ "$network" = no ] || cp -L /etc/resolv.conf "$layers.resolv" 2>/dev/null || :
            mount -t tmpfs -o mode=755 tmpfs "$layers"
            for dir in %s; do
                [ -d "/$dir" ] && [ ! -L "/$dir" ] || continue
                mkdir -p "$layers/$dir/up" "$layers/$dir/work"
                chmod --reference="/$dir" "$layers/$dir/up"
                mount -t overlay overlay -o "lowerdir=/$dir,upperdir=$layers/$dir/up,workdir=$layers/$dir/work" "/$dir"
            done
            mount -t tmpfs -o mode=755 tmpfs /run
            mount -t proc proc /proc
            if [ "$network" = no ]; then
                ip link set lo up 2>/dev/null || :
            elif [ -f "$layers.resolv" ]; then
                rm -f /etc/resolv.conf
                cp "$layers.resolv" /etc/resolv.conf
            fi
            exec "$@"
            """.formatted(String.join(" ", FOLDERS));

    Isolation {
        command = List.copyOf(command);
        watched = List.copyOf(watched);
    }

    static Isolation none() {
        return new Isolation(false, List.of(), List.of("/etc", "/opt", "/srv", "/usr/local", "/var/lib"));
    }

    /** As far apart as this computer lets us. */
    static Isolation find(Path work, boolean network) throws IOException, InterruptedException {
        Path layers = Files.createDirectory(work.resolve("layers"));
        List<String> command = new ArrayList<>(List.of("unshare", "--mount", "--pid", "--fork", "--kill-child"));
        if (!network) {
            command.add("--net");
        }
        command.addAll(List.of("sh", "-c", SCRIPT, "sh", layers.toString(), network ? "yes" : "no"));
        List<String> probe = new ArrayList<>(command);
        probe.add("true");
        if (!succeeds(probe)) {
            return none();
        }
        List<String> watched = new ArrayList<>();
        FOLDERS.forEach(name -> watched.add(layers.resolve(name).resolve("up") + "=/" + name));
        return new Isolation(true, command, watched);
    }

    private static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
