package dev.vmext.access;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The settings as files that the program vmext-access reads, by path below the folder {@code wanted}. Pure. */
final class Wanted {
    static final String SUDOERS = "sudoers";

    private Wanted() {}

    static Map<String, String> files(AccessSettings settings) {
        Map<String, String> files = new TreeMap<>();
        for (Account account : settings.accounts()) {
            account(files, account);
        }
        String sudoers = sudoers(settings);
        if (!sudoers.isEmpty()) {
            files.put(SUDOERS, "# Written by vmext.Access and removed with it; changes are undone.\n" + sudoers);
        }
        files.put("repair", settings.repair() ? "yes\n" : "no\n");
        files.put("homes", settings.keepHomes() ? "keep\n" : "delete\n");
        return files;
    }

    private static void account(Map<String, String> files, Account account) {
        String folder = "accounts/" + account.name() + "/";
        account.uid().ifPresent(uid -> files.put(folder + "uid", uid + "\n"));
        files.put(folder + "comment", account.fullName() + "\n");
        files.put(folder + "shell", account.shell() + "\n");
        account.home().ifPresent(home -> files.put(folder + "home", home + "\n"));
        files.put(folder + "create-home", account.createHome() ? "yes\n" : "no\n");
        files.put(
                folder + "groups",
                account.groups().stream().distinct().map(g -> g + "\n").collect(Collectors.joining()));
        files.put(folder + "enabled", account.enabled() ? "yes\n" : "no\n");
        account.expires().ifPresent(day -> files.put(folder + "expires", day.toEpochDay() + "\n"));
        if (account.enabled() && !account.keys().isEmpty()) {
            files.put(
                    "keys/" + account.name(),
                    account.keys().stream().map(k -> k.line() + "\n").collect(Collectors.joining()));
        }
    }

    /** Accounts that are locked have no rules either. */
    private static String sudoers(AccessSettings settings) {
        StringBuilder text = new StringBuilder();
        for (Account account : settings.accounts()) {
            if (account.enabled() && account.sudo() != Account.Sudo.NONE) {
                boolean asks = account.sudo() == Account.Sudo.ALL;
                text.append("%s ALL=(ALL:ALL) %sALL%n".formatted(account.name(), asks ? "" : "NOPASSWD: "));
            }
        }
        settings.rules().forEach(rule -> text.append(rule.line()).append('\n'));
        return text.append(settings.sudoers()).toString();
    }
}
