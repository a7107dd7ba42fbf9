package dev.vmext.agent.exec;

import dev.vmext.agent.config.Folders;
import dev.vmext.agent.config.PrivateFile;
import dev.vmext.agent.process.CommandLine;
import dev.vmext.protocol.exec.CommandStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One command on disk: {@code record.json}, {@code script}, {@code out}, {@code err}, {@code run/} of its process, and {@code cancel}
 * once somebody asked to stop it. The folder appears whole or not at all: that it is there means that the command was accepted. Only
 * the script is readable by the user it runs as.
 */
final class CommandFolder {
    private static final String PASS = "rwx--x--x";
    private static final String OWN = "rwx------";

    private final Path folder;

    CommandFolder(Path folder) {
        this.folder = folder;
    }

    /** Writes a command down, for good: when this returns, a power cut does not take it back. */
    static CommandFolder accept(Path root, CommandRecord record, String script) throws IOException {
        Path target = root.resolve(record.id());
        Path fresh = root.resolve(".new-" + record.id());
        Folders.delete(fresh);
        try {
            makeFolder(fresh, PASS);
            Path file = fresh.resolve("script");
            writeNew(file, script.getBytes(StandardCharsets.UTF_8), "r-x------");
            String user = record.user();
            if (user != null) {
                Files.setOwner(
                        file,
                        file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
            }
            writeNew(fresh.resolve("out"), new byte[0], "rw-------");
            writeNew(fresh.resolve("err"), new byte[0], "rw-------");
            makeFolder(fresh.resolve("run"), OWN);
            PrivateFile.write(fresh.resolve("record.json"), record.encode());
            force(fresh);
            Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
            force(root);
        } catch (IOException e) {
            Folders.delete(fresh);
            throw e;
        }
        return new CommandFolder(target);
    }

    /** Mode at creation, never afterwards; {@code mkdir} takes the umask off, which must not close it for the user. */
    static void makeFolder(Path folder, String mode) throws IOException {
        Folders.make(folder, mode);
    }

    private static void writeNew(Path file, byte[] content, String mode) throws IOException {
        try (FileChannel out = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)))) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
                out.write(buffer);
            }
            out.force(true);
        }
    }

    private static void force(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    CommandRecord record() throws IOException {
        return CommandRecord.decode(Files.readAllBytes(folder.resolve("record.json")));
    }

    void record(CommandRecord record) throws IOException {
        PrivateFile.write(folder.resolve("record.json"), record.encode());
        force(folder);
    }

    /** Remembers that somebody wants it stopped. */
    void cancel() throws IOException {
        Path mark = folder.resolve("cancel");
        if (!Files.exists(mark)) {
            writeNew(mark, new byte[0], "rw-------");
        }
    }

    boolean cancelled() {
        return Files.exists(folder.resolve("cancel"));
    }

    Path run() {
        return folder.resolve("run");
    }

    /**
     * How it is run. The text for the shell is made of paths of ours and of words that {@code CommandStart} has checked; what the
     * control plane wrote is only in the file, and so in nobody's list of processes.
     */
    CommandLine line(CommandRecord record, Map<String, String> environment) {
        Map<String, String> own = new HashMap<>(environment);
        own.put("VMEXT_COMMAND_ID", record.id());
        String user = record.user();
        String text = "exec " + (user == null ? "" : "runuser -u " + user + " -- ") + quoted(record.interpreter())
                + " " + quoted(folder.resolve("script").toString()) + " >>"
                + quoted(file(CommandStream.OUT).toString()) + " 2>>"
                + quoted(file(CommandStream.ERR).toString());
        return new CommandLine(run(), Path.of(record.folder()), text, own);
    }

    private static String quoted(String path) {
        return "'" + path.replace("'", "'\\''") + "'";
    }

    private Path file(CommandStream stream) {
        return folder.resolve(stream.wire());
    }

    /** Bytes there are, at most this many. */
    long size(CommandStream stream, long limit) throws IOException {
        Path file = file(stream);
        return Files.exists(file) ? Math.min(limit, Files.size(file)) : 0;
    }

    /** Cuts off what exceeds the limit; the writer appends, so that it goes on at the cut. Whether there was anything. */
    boolean cap(CommandStream stream, long limit) throws IOException {
        Path file = file(stream);
        if (!Files.exists(file) || Files.size(file) <= limit) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(limit);
        }
        // The mark outlives a restart of the agent.
        Path mark = folder.resolve("truncated");
        if (!Files.exists(mark)) {
            writeNew(mark, new byte[0], "rw-------");
        }
        return true;
    }

    boolean truncated() {
        return Files.exists(folder.resolve("truncated"));
    }

    /** These bytes, or fewer where the file ends. */
    byte[] read(CommandStream stream, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file(stream), StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) >= 0) {
                // until full or the file ends
            }
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    /** Keeps the record, which says that this command was run, and deletes the rest. */
    void forgetOutput() throws IOException {
        for (String name : new String[] {"script", "out", "err", "cancel", "truncated"}) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Folders.delete(run());
    }

    boolean hasOutput() {
        return Files.exists(file(CommandStream.OUT));
    }

    void delete() throws IOException {
        Folders.delete(folder);
    }

    /** The first thing the shell printed before it could hand over to the interpreter, if there was anything. */
    @Nullable String shellSaid() throws IOException {
        Path output = run().resolve("output");
        String text = Files.exists(output)
                ? Files.readString(output, StandardCharsets.ISO_8859_1).strip()
                : "";
        return text.isEmpty() ? null : text.substring(0, Math.min(500, text.length()));
    }
}
