package dev.vmext.access;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Settings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Who may come onto the machine and do what there, checked. What only the machine knows (uids, groups, shells, what visudo says) is
 * asked there.
 *
 * @param sudoers rules in sudoers' own words, beside the others
 * @param checkMinutes how often the machine is looked at
 * @param repair whether what somebody else changed is changed back
 * @param keepHomes whether the home of a removed account stays, for root only
 * @param passwords by account
 */
record AccessSettings(
        List<Account> accounts,
        List<SudoRule> rules,
        String sudoers,
        int checkMinutes,
        boolean repair,
        boolean keepHomes,
        Map<String, Password> passwords) {
    private static final int MOST_ACCOUNTS = 500;
    private static final int MOST_RULES = 200;
    private static final int LONGEST_SUDOERS = 16 * 1024;
    private static final Pattern INCLUDE = Pattern.compile("(?im)^\\s*[@#]include");

    AccessSettings {
        accounts = List.copyOf(accounts);
        rules = List.copyOf(rules);
        passwords = Map.copyOf(passwords);
    }

    static AccessSettings from(Settings settings) {
        Fields open = settings.publicFields();
        Fields secret = settings.protectedFields();
        List<Account> accounts = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Json one : atMost(open, "accounts", MOST_ACCOUNTS)) {
            String path = "accounts[" + accounts.size() + "]";
            Account account = Account.from(Fields.of(open.path() + "." + path, one));
            if (!names.add(account.name())) {
                throw open.problem(path, "there is another account " + account.name());
            }
            accounts.add(account);
        }
        List<SudoRule> rules = new ArrayList<>();
        for (Json one : atMost(open, "sudoRules", MOST_RULES)) {
            rules.add(SudoRule.from(Fields.of(open.path() + ".sudoRules[" + rules.size() + "]", one)));
        }
        String sudoers = sudoers(open);
        int minutes = open.getInt("checkMinutes", 10, 1, 1440);
        boolean repair = open.getBoolean("repair", true);
        boolean keepHomes =
                open.getWord("homes", "keep", List.of("keep", "delete")).equals("keep");
        open.refuseUnknown();
        Map<String, Password> passwords = new TreeMap<>();
        if (secret.has("passwords")) {
            Fields all = secret.getObject("passwords");
            for (String name : all.keys()) {
                if (!names.contains(name)) {
                    throw secret.problem("passwords", "one is for an account that settings.accounts does not name");
                }
                passwords.put(name, Password.from(all.getObject(name)));
            }
        }
        secret.refuseUnknown();
        return new AccessSettings(accounts, rules, sudoers, minutes, repair, keepHomes, passwords);
    }

    /** Whether sudo has to be on the machine. */
    boolean needsSudo() {
        return !rules.isEmpty()
                || !sudoers.isBlank()
                || accounts.stream().anyMatch(a -> a.sudo() != Account.Sudo.NONE && a.enabled());
    }

    private static String sudoers(Fields open) {
        String text = open.findString("sudoers").orElse("");
        if (text.length() > LONGEST_SUDOERS) {
            throw open.problem("sudoers", "it is longer than " + LONGEST_SUDOERS + " characters");
        }
        if (text.chars().anyMatch(c -> c != '\n' && c != '\t' && (c < ' ' || c == 127))) {
            throw open.problem("sudoers", "it has control characters; lines end with a plain line feed");
        }
        if (INCLUDE.matcher(text).find()) {
            throw open.problem("sudoers", "it includes other files, which nobody would have checked");
        }
        return text.isBlank() || text.endsWith("\n") ? text : text + "\n";
    }

    private static List<Json> atMost(Fields fields, String key, int most) {
        List<Json> items = fields.getList(key);
        if (items.size() > most) {
            throw fields.problem(key, "there are more than " + most);
        }
        return items;
    }

    @Override
    public String toString() {
        return "AccessSettings[accounts=" + accounts.size() + "]";
    }
}
