package dev.vmext.agent.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import dev.vmext.protocol.exec.CommandExit;
import dev.vmext.protocol.exec.CommandStart;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What the machine remembers of a command for as long as it may be sent again. Unknown fields are ignored, so that an older agent can
 * read it.
 *
 * @param deadline when it is stopped
 * @param forgetAfter from when on nobody sends it again
 * @param exit null until it is over
 */
record CommandRecord(
        String id,
        String interpreter,
        @Nullable String user,
        String folder,
        Instant deadline,
        Instant forgetAfter,
        long maxOutput,
        @Nullable CommandExit exit) {
    private static final int MAX_BYTES = 256 * 1024;

    CommandRecord ended(CommandExit how) {
        return new CommandRecord(id, interpreter, user, folder, deadline, forgetAfter, maxOutput, how);
    }

    /** As {@link dev.vmext.agent.process.ClockWatch} says: what was written down as a time of day moves with the clock. */
    CommandRecord clockSet(Duration step) {
        return new CommandRecord(
                id, interpreter, user, folder, deadline.plus(step), forgetAfter.plus(step), maxOutput, exit);
    }

    byte[] encode() {
        CommandExit over = exit;
        JsonWriter out = new JsonWriter()
                .number("v", 1)
                .text("id", id)
                .text("interpreter", interpreter)
                .textIfAny("user", user)
                .text("folder", folder)
                .text("deadline", deadline.toString())
                .text("forgetAfter", forgetAfter.toString())
                .number("maxOutput", maxOutput);
        if (over != null) {
            out.text("exit", Base64.getEncoder().encodeToString(over.encode()));
        }
        return out.toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    static CommandRecord decode(byte[] json) {
        JsonReader in = new JsonReader("the record of a command", json, MAX_BYTES);
        @Nullable String id = null;
        String interpreter = CommandStart.SHELL;
        @Nullable String user = null;
        String folder = "/";
        Instant deadline = Instant.EPOCH;
        Instant forgetAfter = Instant.MAX;
        long maxOutput = 0;
        @Nullable CommandExit exit = null;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "interpreter" -> interpreter = in.string();
                case "user" -> user = in.string();
                case "folder" -> folder = in.string();
                case "deadline" -> deadline = in.instant();
                case "forgetAfter" -> forgetAfter = in.instant();
                case "maxOutput" -> maxOutput = in.integer();
                case "exit" ->
                    exit = CommandExit.decode(
                            Base64.getDecoder().decode(in.string().getBytes(StandardCharsets.US_ASCII)));
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        return new CommandRecord(id, interpreter, user, folder, deadline, forgetAfter, maxOutput, exit);
    }
}
