package dev.vmext.protocol.exec;

import dev.vmext.protocol.JsonReader;
import dev.vmext.protocol.JsonWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Run this once: payload of {@code vmext.exec/v1 start}. Sent again until the machine has accepted it or answered with an exit.
 *
 * @param id letters, digits and hyphens, at most 64: it becomes the name of a folder on the machine
 * @param script whole text, given to the interpreter as a file; at most {@value #MAX_SCRIPT} characters
 * @param interpreter absolute path of a program that takes the script's path as its only argument
 * @param user whose rights it runs with, null for root
 * @param folder absolute path of the current folder
 * @param timeout from the start on
 * @param expires counted from the message's arrival: later the machine does not begin. Relative, because clocks differ
 * @param maxOutput bytes kept of each stream
 */
public record CommandStart(
        String id,
        String script,
        String interpreter,
        @Nullable String user,
        String folder,
        Duration timeout,
        Duration expires,
        long maxOutput) {
    public static final int MAX_SCRIPT = 256 * 1024;
    public static final String SHELL = "/bin/sh";
    /** Longest time limit and longest wait for a machine. */
    public static final Duration LONGEST = Duration.ofDays(1);

    private static final int MAX_BYTES = 2 << 20;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._+/-]{0,255}");
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");

    public CommandStart {
        Objects.requireNonNull(script);
        if (!validId(id)) {
            throw new IllegalArgumentException("no id of a command: " + id);
        }
        if (!validPath(interpreter) || !validPath(folder) || (user != null && !validUser(user))) {
            throw new IllegalArgumentException("interpreter, folder or user of command " + id + " is not allowed");
        }
        if (script.length() > MAX_SCRIPT || maxOutput < 1 || !withinLimits(timeout) || expires.isNegative()) {
            throw new IllegalArgumentException("command " + id + " is over a limit");
        }
    }

    /** Whether this can be the name of a folder and nothing else. */
    public static boolean validId(String id) {
        return ID.matcher(id).matches();
    }

    /** An absolute path of plain characters without a step upwards. */
    public static boolean validPath(String path) {
        return PATH.matcher(path).matches() && !(path + "/").contains("/../");
    }

    public static boolean validUser(String user) {
        return USER.matcher(user).matches();
    }

    /** Positive, and at most {@link #LONGEST}. */
    public static boolean withinLimits(Duration time) {
        return time.isPositive() && time.compareTo(LONGEST) <= 0;
    }

    public byte[] encode() {
        return new JsonWriter()
                .text("id", id)
                .text("script", script)
                .text("interpreter", interpreter)
                .textIfAny("user", user)
                .text("folder", folder)
                .number("timeout", timeout.toSeconds())
                .number("expires", expires.toSeconds())
                .number("maxOutput", maxOutput)
                .toBytes();
    }

    /** Throws {@link dev.vmext.protocol.problem.ProblemException} for anything else. */
    public static CommandStart decode(byte[] json) {
        JsonReader in = new JsonReader("the command to run", json, MAX_BYTES);
        @Nullable String id = null;
        @Nullable String script = null;
        String interpreter = SHELL;
        @Nullable String user = null;
        String folder = "/";
        long timeout = 0;
        long expires = 0;
        long maxOutput = 0;
        in.document();
        while (in.nextField()) {
            switch (in.name()) {
                case "id" -> id = in.string(64);
                case "script" -> script = in.string(MAX_SCRIPT);
                case "interpreter" -> interpreter = in.string(256);
                case "user" -> user = in.stringOrNull();
                case "folder" -> folder = in.string(256);
                case "timeout" -> timeout = in.smallInteger();
                case "expires" -> expires = in.smallInteger();
                case "maxOutput" -> maxOutput = in.integer();
                default -> in.skip();
            }
        }
        in.end();
        if (id == null) {
            throw in.missing("id");
        }
        if (script == null) {
            throw in.missing("script");
        }
        try {
            return new CommandStart(
                    id,
                    script,
                    interpreter,
                    user,
                    folder,
                    Duration.ofSeconds(timeout),
                    Duration.ofSeconds(expires),
                    maxOutput);
        } catch (IllegalArgumentException e) {
            throw in.refused(String.valueOf(e.getMessage()));
        }
    }

    /** Without the script, which may hold secrets. */
    @Override
    public String toString() {
        return "CommandStart[" + id + "]";
    }
}
