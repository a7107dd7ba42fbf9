package dev.vmext.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real sshd on loopback that gives SFTP to one user with one key, below a folder of its own. Needs the packages openssh-server, whose
 * service is not touched, and openssh-client. Started by root it has a name space of its own, with a user of its own, so that it looks
 * at no account of the host. Any thread.
 */
public final class SftpServer implements AutoCloseable {
    private static final String ME = System.getProperty("user.name");
    private static final boolean ROOT = ME.equals("root");

    private final Path folder;
    private final int port;
    private final Process sshd;

    /** Starts it, with its keys and what it stores in this folder. */
    public SftpServer(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder).toRealPath();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        for (String key : List.of("host", "client", "stranger")) {
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", this.folder.resolve(key) + "");
        }
        Files.createDirectory(store());
        Files.writeString(this.folder.resolve("passwd"), """
                root:*:0:0::/:/bin/sh
                sshd:*:65533:65534::/run/sshd:/usr/sbin/nologin
                keeper:*:0:0::/:/bin/sh
                """);
        Files.writeString(this.folder.resolve("config"), """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %2$s/host
                AuthorizedKeysFile %2$s/client.pub
                PidFile none
                StrictModes no
                UsePAM no
                PermitRootLogin prohibit-password
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                Subsystem sftp internal-sftp
                """.formatted(port, this.folder));
        String sshd = "exec /usr/sbin/sshd -D -e -f '%s/config'".formatted(this.folder);
        ProcessBuilder builder = ROOT
                ? new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "/bin/sh",
                        "-c",
                        "mount -t tmpfs none /run && mkdir -m 755 /run/sshd && mount --bind '%s/passwd' /etc/passwd && %s"
                                .formatted(this.folder, sshd))
                : new ProcessBuilder("/bin/sh", "-c", sshd);
        this.sshd = builder.redirectErrorStream(true)
                .redirectOutput(this.folder.resolve("log").toFile())
                .start();
        awaitStart();
    }

    private void awaitStart() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (sshd.isAlive() && System.nanoTime() < deadline) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (probe.getInputStream().read() == 'S') {
                    return;
                }
            } catch (IOException e) {
                // Not yet.
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        close();
        throw new IOException("sshd does not answer: " + said());
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " failed: " + said);
        }
    }

    /** What sshd logged until now. */
    public String said() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    /** The folder for what is stored; empty at first. */
    public Path store() {
        return folder.resolve("store");
    }

    /** The address of a folder in the store, as restic takes it. */
    public String url(String name) {
        return "sftp://%s@127.0.0.1:%d/%s".formatted(ROOT ? "keeper" : ME, port, store().resolve(name));
    }

    /** The line of {@code known_hosts} that the server is known by. */
    public String hostKey() throws IOException {
        return known("host");
    }

    /** A line that names another server's key for this one's address. */
    public String wrongHostKey() throws IOException {
        return known("stranger");
    }

    private String known(String key) throws IOException {
        return "[127.0.0.1]:%d %s"
                .formatted(port, Files.readString(folder.resolve(key + ".pub")).strip());
    }

    /** The private key that is let in. */
    public String key() throws IOException {
        return Files.readString(folder.resolve("client"));
    }

    /** One that is not. */
    public String wrongKey() throws IOException {
        return Files.readString(folder.resolve("stranger"));
    }

    /**
     * A folder for the head of PATH, with an ssh that uses the key and knows the server: for programs that leave both to the user's own
     * folder, which a test must not touch.
     */
    public Path sshOnPath(String hostKey) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Files.writeString(folder.resolve("known"), hostKey + "\n");
        Path ssh = bin.resolve("ssh");
        Files.writeString(ssh, """
                #!/bin/sh
                exec /usr/bin/ssh -F none -i %1$s/client -o IdentitiesOnly=yes -o UserKnownHostsFile=%1$s/known "$@"
                """.formatted(folder));
        Files.setPosixFilePermissions(ssh, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }

    @Override
    public void close() {
        sshd.descendants().forEach(ProcessHandle::destroy);
        sshd.destroy();
        try {
            if (!sshd.waitFor(1, TimeUnit.MINUTES)) {
                sshd.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            sshd.destroyForcibly();
        }
    }
}
