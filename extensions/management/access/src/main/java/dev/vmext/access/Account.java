package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.HandlerException;
import dev.vmext.extensionkit.Json;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * An account as it is wanted. Of one that was on the machine before, uid, shell, full name and home stay as they are.
 *
 * @param expires the first day, in UTC, on which it does not work any more
 * @param enabled whether it can be used at all
 * @param sudo whether it may do everything as root
 * @param passwordReset any word; another one sets the protected password once more
 */
record Account(
        String name,
        String fullName,
        OptionalInt uid,
        String shell,
        Optional<String> home,
        boolean createHome,
        List<String> groups,
        List<SshKey> keys,
        Sudo sudo,
        Optional<LocalDate> expires,
        boolean enabled,
        String passwordReset) {
    private static final Pattern FULL_NAME = Pattern.compile("[^\\x00-\\x1f\\x7f:,=\\\\]{0,100}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._-]{0,64}");
    private static final int MOST_GROUPS = 32;
    private static final int MOST_KEYS = 64;

    Account {
        groups = List.copyOf(groups);
        keys = List.copyOf(keys);
    }

    /** Everything as root, or nothing; less than everything is a rule of its own. */
    enum Sudo {
        NONE,
        ALL,
        ALL_WITHOUT_PASSWORD
    }

    static Account from(Fields fields) {
        String name = Checks.matching(fields, "name", Checks.NAME, Checks.NAME_WORDS);
        String fullName = Checks.findMatching(
                        fields, "fullName", FULL_NAME, "a text of at most 100 characters without : , = and backslash")
                .orElse("");
        int uid = fields.getInt("uid", -1, 1, 2_000_000_000);
        String shell = Checks.findPath(fields, "shell").orElse("/bin/bash");
        Optional<String> home = Checks.findPath(fields, "home");
        boolean createHome = fields.getBoolean("createHome", true);
        List<String> groups = Checks.matchingAll(fields, "groups", MOST_GROUPS, Checks.NAME, Checks.NAME_WORDS);
        List<SshKey> keys = new ArrayList<>();
        for (Json key : fields.getList("keys")) {
            keys.add(SshKey.from(fields, "keys[" + keys.size() + "]", key));
        }
        if (keys.size() > MOST_KEYS) {
            throw fields.problem("keys", "there are more than " + MOST_KEYS);
        }
        Sudo sudo = switch (fields.getWord("sudo", "none", List.of("none", "all", "all-without-password"))) {
            case "all" -> Sudo.ALL;
            case "all-without-password" -> Sudo.ALL_WITHOUT_PASSWORD;
            default -> Sudo.NONE;
        };
        Optional<LocalDate> expires = fields.findString("expires").map(text -> date(fields, text));
        boolean enabled = fields.getBoolean("enabled", true);
        String reset = Checks.findMatching(
                        fields, "passwordReset", WORD, "a word of letters, digits, dots, _ and -, at most 64")
                .orElse("");
        fields.refuseUnknown();
        if (name.equals("root") && (!enabled || expires.isPresent())) {
            throw HandlerException.badSettings(
                    "cannot use " + fields.path() + ": the account root cannot be locked and does not expire",
                    "Take enabled and expires away.");
        }
        return new Account(
                name,
                fullName,
                uid < 0 ? OptionalInt.empty() : OptionalInt.of(uid),
                shell,
                home,
                createHome,
                groups,
                keys,
                sudo,
                expires,
                enabled,
                reset);
    }

    private static LocalDate date(Fields fields, String text) {
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.toEpochDay() >= 2 && date.getYear() <= 9999) {
                return date;
            }
        } catch (DateTimeParseException e) {
            // As wrong as a day that is too early; said once below.
        }
        throw fields.problem("expires", "it is not a day, like 2027-01-31");
    }
}
