package dev.vmext.backup;

import dev.vmext.extensionkit.Fields;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A database server that is dumped before each backup. The program {@code dump} does it.
 *
 * @param name of its folder, unique
 * @param databases empty for all
 * @param user of the machine that runs the dump
 * @param socket a folder (PostgreSQL) or a socket (MySQL)
 * @param defaultsFile of MySQL, with the password
 */
record Dump(
        String name,
        Type type,
        List<String> databases,
        String user,
        Optional<String> socket,
        Optional<Integer> port,
        Optional<String> defaultsFile) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");
    private static final Pattern DATABASE = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.$-]{0,62}");
    private static final Pattern USER = Pattern.compile("[a-z_][a-z0-9_-]{0,31}");
    private static final Pattern PATH = Pattern.compile("/[^\\x00-\\x1f\\x7f]{1,255}");

    Dump {
        databases = List.copyOf(databases);
    }

    /** Kinds of servers. */
    enum Type {
        POSTGRESQL,
        MYSQL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Dump from(Fields fields) {
        Type type = Type.valueOf(
                fields.getWord("type", "", List.of("postgresql", "mysql")).toUpperCase(Locale.ROOT));
        String name = Checks.matching(
                fields, "name", type.word(), NAME, "a name of small letters, digits and hyphens, at most 32");
        List<String> databases =
                Checks.matchingAll(fields, "databases", 64, DATABASE, "a name of a database without odd characters");
        String user = Checks.matching(
                fields, "user", type == Type.POSTGRESQL ? "postgres" : "root", USER, "a name of a user");
        Optional<String> socket = path(fields, "socket");
        Optional<Integer> port =
                fields.has("port") ? Optional.of(fields.getInt("port", 0, 1, 65_535)) : Optional.empty();
        Optional<String> defaults = path(fields, "defaultsFile");
        fields.refuseUnknown();
        if (type == Type.POSTGRESQL && defaults.isPresent()) {
            throw fields.problem("defaultsFile", "it is used with type mysql only");
        }
        return new Dump(name, type, databases, user, socket, port, defaults);
    }

    private static Optional<String> path(Fields fields, String key) {
        return fields.has(key)
                ? Optional.of(Checks.matching(fields, key, "", PATH, "an absolute path"))
                : Optional.empty();
    }

    /** What the program reads. */
    String plan() {
        StringBuilder lines = new StringBuilder();
        lines.append("type ").append(type.word()).append("\nuser ").append(user).append('\n');
        socket.ifPresent(s -> lines.append("socket ").append(s).append('\n'));
        port.ifPresent(p -> lines.append("port ").append(p).append('\n'));
        defaultsFile.ifPresent(f -> lines.append("defaultsFile ").append(f).append('\n'));
        databases.forEach(d -> lines.append("database ").append(d).append('\n'));
        return lines.toString();
    }
}
