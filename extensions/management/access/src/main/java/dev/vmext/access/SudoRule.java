package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who may run what as whom.
 *
 * @param commands absolute paths with or without arguments, wildcards as sudoers has them, or the one word ALL
 * @param password whether they are asked for their own password
 */
record SudoRule(List<String> users, List<String> groups, String runAs, List<String> commands, boolean password) {
    private static final int MOST = 64;
    private static final Pattern RUN_AS = Pattern.compile("ALL|[a-z_][a-z0-9_-]{0,31}");
    /** Signs that would begin something else in sudoers; those that can be escaped are. */
    private static final Pattern COMMAND = Pattern.compile("ALL|/[^\\x00-\\x1f\\x7f\"\\\\#!]{1,500}");

    SudoRule {
        users = List.copyOf(users);
        groups = List.copyOf(groups);
        commands = List.copyOf(commands);
    }

    static SudoRule from(Fields fields) {
        List<String> users = Checks.matchingAll(fields, "users", MOST, Checks.NAME, Checks.NAME_WORDS);
        List<String> groups = Checks.matchingAll(fields, "groups", MOST, Checks.NAME, Checks.NAME_WORDS);
        String runAs = fields.has("runAs")
                ? Checks.matching(fields, "runAs", RUN_AS, "the name of an account, or ALL")
                : "root";
        List<String> commands = Checks.matchingAll(
                fields,
                "commands",
                MOST,
                COMMAND,
                "ALL or an absolute path with arguments, without \" \\ # and !; for more there is settings.sudoers");
        boolean password = fields.getBoolean("password", true);
        fields.refuseUnknown();
        if (users.isEmpty() && groups.isEmpty()) {
            throw fields.problem("users", "it is empty, and groups is too: the rule would be for nobody");
        }
        if (commands.isEmpty()) {
            throw fields.problem("commands", "it is empty: the rule would allow nothing");
        }
        return new SudoRule(users, groups, runAs, commands, password);
    }

    String line() {
        String who =
                Stream.concat(users.stream(), groups.stream().map(g -> "%" + g)).collect(Collectors.joining(", "));
        String what =
                commands.stream().map(c -> c.replaceAll("([,:=])", "\\\\$1")).collect(Collectors.joining(", "));
        return "%s ALL=(%s) %s: %s".formatted(who, runAs, password ? "PASSWD" : "NOPASSWD", what);
    }
}
