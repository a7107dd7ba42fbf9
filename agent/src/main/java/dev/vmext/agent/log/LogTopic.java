package dev.vmext.agent.log;

import dev.vmext.agent.config.Places;
import dev.vmext.agent.link.Topic;
import dev.vmext.protocol.CustomCapability;
import dev.vmext.protocol.link.LogPiece;
import dev.vmext.protocol.link.LogRead;
import dev.vmext.protocol.opamp.Bytes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Answers questions for logs: the agent's own and those of handlers ({@code vmext.logs/v2}). Remembers nobody who follows: each question
 * brings its cursor along. Used by the link's thread.
 */
public final class LogTopic implements Topic {
    private static final String CALLS = "CommandExecution_";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int MOST_WAITING = 32;
    /** Who follows asks again within this time. */
    private static final Duration FOLLOWED = Duration.ofSeconds(15);

    private final Places places;
    private final UnaryOperator<String> redact;
    private final InstantSource clock;
    private final Deque<LogPiece> answers = new ArrayDeque<>();
    private Instant asked = Instant.MIN;

    /**
     * Reads nothing yet.
     *
     * @param redact takes secrets out of a text
     */
    public LogTopic(Places places, UnaryOperator<String> redact, InstantSource clock) {
        this.places = places;
        this.redact = redact;
        this.clock = clock;
    }

    @Override
    public String capability() {
        return CustomCapability.LOG_FILES;
    }

    @Override
    public void connected() {
        answers.clear(); // nobody waits for them any more
    }

    @Override
    public void heard(String type, byte[] data) {
        if (type.equals(CustomCapability.LOG_FILES_READ) && answers.size() < MOST_WAITING) {
            asked = clock.instant();
            answers.add(answer(LogRead.decode(data)));
        }
    }

    @Override
    public Optional<Said> next() {
        return Optional.ofNullable(answers.poll())
                .map(piece -> new Said(CustomCapability.LOG_FILES_PIECE, Bytes.of(piece.encode())));
    }

    @Override
    public boolean busy() {
        return asked.isAfter(clock.instant().minus(FOLLOWED));
    }

    private LogPiece answer(LogRead read) {
        try {
            LogFiles.Reading reading = LogFiles.read(files(read.installation()), read.cursor(), read.max());
            return new LogPiece(
                    read.id(), redact.apply(reading.text()), reading.cursor(), reading.skipped(), reading.more(), "");
        } catch (IOException e) {
            return new LogPiece(read.id(), "", read.cursor(), false, false, "cannot read the log: " + e.getMessage());
        }
    }

    private List<Path> files(String installation) throws IOException {
        if (installation.isEmpty()) {
            return Files.exists(places.log()) ? List.of(places.log()) : List.of();
        }
        if (!NAME.matcher(installation).matches()) {
            throw new IOException("there is no installation of that name here");
        }
        List<Path> files = new ArrayList<>();
        for (String extension : extensions(places.installation(installation))) {
            for (Path file : LogFiles.in(places.handlerLogs(extension))) {
                if (!ofAnother(installation, file.getFileName().toString())) {
                    files.add(file);
                }
            }
        }
        return files;
    }

    /** Installations of one extension share its folder of logs; what the agent itself writes there bears their names. */
    private static boolean ofAnother(String installation, String file) {
        return file.startsWith(CALLS) && !file.startsWith(CALLS + installation.replace('-', '_') + ".");
    }

    /** Of the folders {@code <Publisher.Type>-<version>} in an installation's folder. */
    private static List<String> extensions(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("there is no installation of that name here");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                int dash = name.lastIndexOf('-');
                if (dash > 0 && !name.startsWith(".") && Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    String extension = name.substring(0, dash);
                    if (!names.contains(extension)) {
                        names.add(extension);
                    }
                }
            }
        }
        return names;
    }
}
