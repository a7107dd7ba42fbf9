package dev.vmext.agent.doctor;

import dev.vmext.agent.config.MachineFactsReader;
import dev.vmext.agent.config.Places;
import dev.vmext.agent.control.ControlSocket;
import dev.vmext.agent.journal.Entry;
import dev.vmext.protocol.redaction.SecretPatterns;
import dev.vmext.protocol.status.Cause;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Everything that somebody far away needs to understand a machine, in one zip: what the doctor found, facts, the agent's log, a summary of
 * its journal, status files, the ends of handlers' logs and outputs. Never settings, keys, tokens or packages. Every text is redacted by
 * value and by pattern before it is written. At most {@link #MAX_BYTES}; what is left out is listed. No state; any thread.
 */
public final class Bundle {
    /** Of the texts in it, before they are compressed; so no smaller when they cannot be. */
    public static final int MAX_BYTES = 10 << 20;

    /** The same for a bundle that a running agent makes in its small memory. */
    public static final int MAX_BYTES_OVER_LINK = 2 << 20;

    private static final int OTHER_LOG = 128 << 10;
    private static final int SMALL = 64 << 10;
    /** What is in the front of a piece that was cut could be the end of a secret. */
    private static final int EXTRA = 8 << 10;

    private static final int MAX_FILES = 400;

    private final Places places;
    private final Doctor doctor;
    private final String version;
    private final UnaryOperator<String> byValue;
    private final Instant now;
    private final int budget;

    /**
     * @param version of the agent
     * @param byValue takes the secrets out that are known
     * @param budget bytes of text that may be in it
     */
    public Bundle(
            Places places, Doctor doctor, String version, UnaryOperator<String> byValue, Instant now, int budget) {
        this.places = places;
        this.doctor = doctor;
        this.version = version;
        this.byValue = byValue;
        this.now = now;
        this.budget = budget;
    }

    /** Writes the zip; the stream is left open. */
    public void write(OutputStream out) throws IOException {
        Writing writing = new Writing(new ZipOutputStream(out, StandardCharsets.UTF_8));
        writing.add("doctor.txt", () -> Doctor.text(doctor.examine()));
        writing.add("facts.txt", this::facts);
        writing.add("status.txt", this::status);
        writing.add("journal.txt", this::journal);
        writing.file("log/agent.log", places.log(), budget / 8);
        for (int i = 1; i <= 3; i++) {
            writing.file(
                    "log/agent.log." + i,
                    places.log().resolveSibling(places.log().getFileName() + "." + i),
                    OTHER_LOG);
        }
        for (Path extension : children(places.handlerLogs("x").resolveSibling(""))) {
            for (Path log : children(extension)) {
                if (Files.isRegularFile(log, LinkOption.NOFOLLOW_LINKS)) {
                    writing.file("handlers/" + extension.getFileName() + "/" + log.getFileName(), log, OTHER_LOG);
                }
            }
        }
        for (Path installation : children(places.handlers())) {
            for (Path deployed : children(installation)) {
                String prefix = "installations/" + installation.getFileName() + "/" + deployed.getFileName() + "/";
                for (Path status : children(deployed.resolve("status"))) {
                    writing.file(prefix + "status/" + status.getFileName(), status, SMALL);
                }
                for (String name : List.of("HandlerManifest.json", "HandlerEnvironment.json", "extension.json")) {
                    writing.file(prefix + name, deployed.resolve(name), SMALL);
                }
            }
        }
        for (Path run : children(places.run("x").resolveSibling(""))) {
            writing.file("runs/" + run.getFileName() + ".txt", run.resolve("output"), SMALL);
        }
        writing.finish();
    }

    /** The whole zip. */
    public byte[] toBytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out);
        return out.toByteArray();
    }

    private String facts() {
        StringBuilder text = new StringBuilder();
        text.append("agentVersion ").append(version).append('\n');
        text.append("made ").append(now).append('\n');
        for (Map.Entry<String, String> fact : MachineFactsReader.read(version, "", System.getProperty("os.arch", ""))
                .entrySet()) {
            text.append(fact.getKey()).append(' ').append(fact.getValue()).append('\n');
        }
        return text.toString();
    }

    private String status() {
        try {
            return ControlSocket.ask(places.socket(), "status");
        } catch (IOException nobody) {
            return "the agent does not answer: " + nobody.getMessage() + "\n";
        }
    }

    private String journal() throws IOException {
        StringBuilder text = new StringBuilder();
        for (Entry entry : Installations.entries(places)) {
            text.append(entry.name())
                    .append(' ')
                    .append(entry.extension())
                    .append(' ')
                    .append(entry.status().state().wire())
                    .append(" goal ")
                    .append(entry.status().generation())
                    .append(" settings ")
                    .append(entry.status().sequence())
                    .append(" attempt ")
                    .append(entry.status().attempt())
                    .append(" since ")
                    .append(entry.status().since())
                    .append('\n');
            text.append("    current ").append(entry.current()).append('\n');
            text.append("    next ").append(entry.next()).append('\n');
            text.append("    doing ").append(entry.intent()).append('\n');
            Cause cause = entry.status().cause();
            if (cause != null) {
                text.append("    cause ").append(cause).append('\n');
            }
            text.append("    output ")
                    .append(entry.status().output().replace("\n", "\n           "))
                    .append('\n');
        }
        return text.toString();
    }

    private static List<Path> children(Path folder) {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    found.add(entry);
                }
            } catch (IOException unreadable) {
                return List.of();
            }
        }
        found.sort(null);
        return found;
    }

    private interface Text {
        String get() throws IOException;
    }

    /** One zip in the making, with its budget. */
    private final class Writing {
        private final ZipOutputStream zip;
        private final List<String> leftOut = new ArrayList<>();
        private long left = (long) budget - SMALL;
        private int files;

        private Writing(ZipOutputStream zip) {
            this.zip = zip;
        }

        private void add(String name, Text text) throws IOException {
            String shown;
            try {
                shown = text.get();
            } catch (IOException | RuntimeException failed) {
                shown = "cannot be read: " + Doctor.text(failed) + "\n";
            }
            put(name, shown);
        }

        private void file(String name, Path file, int atMost) throws IOException {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            try {
                put(name, tail(file, atMost));
            } catch (IOException unreadable) {
                leftOut.add(name + ": " + Doctor.text(unreadable));
            }
        }

        /** The end; redacted before it is cut, so that no half of a secret is left at its front. */
        private String tail(Path file, int atMost) throws IOException {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                long size = channel.size();
                int length = Math.toIntExact(Math.min(size, (long) atMost + EXTRA));
                ByteBuffer buffer = ByteBuffer.allocate(length);
                channel.position(size - length);
                while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                    // until full or the file got shorter
                }
                String text =
                        redact(StandardCharsets.UTF_8.decode(buffer.flip()).toString());
                return size <= atMost || text.length() <= EXTRA
                        ? text
                        : "(the end of " + size + " bytes)\n" + text.substring(EXTRA);
            }
        }

        private String redact(String text) {
            return SecretPatterns.redact(byValue.apply(text));
        }

        private void put(String name, String text) throws IOException {
            byte[] bytes = redact(text).getBytes(StandardCharsets.UTF_8);
            if (bytes.length > left || files >= MAX_FILES) {
                leftOut.add(name + ": " + bytes.length + " bytes, the bundle is full");
                return;
            }
            left -= bytes.length;
            files++;
            zip.putNextEntry(new ZipEntry(redact(name)));
            zip.write(bytes);
            zip.closeEntry();
        }

        private void finish() throws IOException {
            if (!leftOut.isEmpty()) {
                String text = String.join("\n", leftOut) + "\n";
                zip.putNextEntry(new ZipEntry("left-out.txt"));
                zip.write(redact(text.substring(0, Math.min(text.length(), SMALL / 4)))
                        .getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
            zip.finish();
        }
    }
}
