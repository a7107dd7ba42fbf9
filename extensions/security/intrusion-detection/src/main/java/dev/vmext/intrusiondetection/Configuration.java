package dev.vmext.intrusiondetection;

import dev.vmext.intrusiondetection.IntrusionSettings.Attacks;
import dev.vmext.intrusiondetection.IntrusionSettings.Blocking;
import dev.vmext.intrusiondetection.IntrusionSettings.Integrity;
import dev.vmext.intrusiondetection.IntrusionSettings.Jail;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns settings into the files that AIDE, fail2ban and the package's programs read. Pure. */
final class Configuration {
    static final String AIDE = "aide.conf";
    /** Everything below it is fail2ban's; a change of it needs a restart of the detector. */
    static final String FAIL2BAN = "fail2ban/";

    private static final String STATE = "/var/lib/vmext-intrusion-detection";
    private static final String RUN = "/run/vmext-intrusion-detection";
    private static final String HEAD =
            "# Written by vmext.IntrusionDetection from its settings; changes made here are lost.\n";

    private Configuration() {}

    /**
     * Every file by its path below the configuration folder.
     *
     * @param controlPlane addresses and names that are never taken for an attacker
     */
    static Map<String, String> files(IntrusionSettings settings, List<String> controlPlane) {
        Map<String, String> files = new TreeMap<>();
        Integrity integrity = settings.integrity();
        Attacks attacks = settings.attacks();
        files.put("values", """
                integrity %s
                blocking %s
                """.formatted(
                        integrity.enabled() ? "on" : "off", attacks.blocking().word()));
        files.put(
                "jails",
                lines(attacks.jails().stream().map(j -> j.service().word()).toList()));
        files.put("units", lines(UnitFiles.expected(settings)));
        if (integrity.enabled()) {
            List<String> exclusions =
                    integrity.exclude().stream().map(Configuration::regex).toList();
            files.put("watch", lines(integrity.paths()));
            files.put("exclude", lines(exclusions));
            List<String> cover = new ArrayList<>();
            integrity.paths().forEach(path -> cover.add("watch " + path));
            exclusions.forEach(pattern -> cover.add("exclude " + pattern));
            files.put("cover", lines(cover));
            files.put(AIDE, aide(integrity, exclusions));
        }
        if (!attacks.jails().isEmpty()) {
            files.put(FAIL2BAN + "fail2ban.conf", fail2ban());
            files.put(FAIL2BAN + "jail.conf", jails(attacks, controlPlane));
            files.put(FAIL2BAN + "action.d/vmext-tell.conf", TELL);
            files.put(FAIL2BAN + "filter.d/vmext-repeated.conf", REPEATED);
        }
        return files;
    }

    private static String aide(Integrity integrity, List<String> exclusions) {
        StringBuilder text = new StringBuilder(HEAD).append("""
                database_in=file:%1$s/baseline/db
                database_out=file:%1$s/work/new.db
                gzip_dbout=no
                report_url=stdout
                report_level=minimal
                # A file that was only touched did not change: no times, and nothing that copying a file back would change.
                VmextFiles = ftype+p+u+g+s+l+sha256+acl+xattrs
                VmextFolders = ftype+p+u+g+acl+xattrs
                """.formatted(STATE));
        exclusions.forEach(pattern -> text.append('!').append(pattern).append("(/|$)\n"));
        for (String path : integrity.paths()) {
            text.append(regex(path)).append("(/|$) d VmextFolders\n");
            text.append(regex(path)).append("(/|$) f,l,p,s,b,c VmextFiles\n");
        }
        return text.toString();
    }

    /** For AIDE, find and awk alike. */
    private static String regex(String path) {
        return path.replace(".", "[.]").replace("+", "[+]").replace("*", "[^/]*");
    }

    private static String fail2ban() {
        return HEAD + """
                [DEFAULT]
                loglevel = INFO
                logtarget = SYSOUT
                syslogsocket = auto
                socket = %1$s/fail2ban.sock
                pidfile = %1$s/fail2ban.pid
                dbfile = %2$s/fail2ban/fail2ban.sqlite3
                dbpurgeage = 8d
                dbmaxmatches = 10
                [Definition]
                allowipv6 = auto
                [Thread]
                """.formatted(RUN, STATE);
    }

    private static String jails(Attacks attacks, List<String> controlPlane) {
        List<String> ignored = new ArrayList<>(List.of("127.0.0.0/8", "::1"));
        ignored.addAll(controlPlane);
        ignored.addAll(attacks.ignore());
        StringBuilder text = new StringBuilder(HEAD).append("""
                [DEFAULT]
                enabled = false
                ignoreself = true
                ignoreip = %s
                usedns = no
                maxmatches = 10
                """.formatted(String.join(" ", ignored)));
        for (Jail jail : attacks.jails()) {
            String name = jail.service().word();
            text.append("""

                    [%s]
                    enabled = true
                    filter = %s
                    backend = %s
                    maxretry = %d
                    findtime = %dm
                    bantime = %dm
                    """.formatted(
                            name,
                            jail.service().filter(),
                            jail.logs().isEmpty() ? "systemd" : "auto",
                            jail.maxFailures(),
                            jail.findMinutes(),
                            jail.banMinutes()));
            if (!jail.logs().isEmpty()) {
                text.append("logpath = ")
                        .append(String.join("\n          ", jail.logs()))
                        .append('\n');
            }
            text.append("action = vmext-tell[name=").append(name).append("]\n");
            if (attacks.blocking() != Blocking.OFF) {
                boolean all = attacks.blocking() == Blocking.ALL || jail.service() == Service.REPEATED;
                text.append(
                        "         nftables[type=%s, table=vmext_intrusion_detection, chain=attackers, name=%s, port=\"%s\", protocol=\"%s\"]\n"
                                .formatted(
                                        all ? "allports" : "multiport",
                                        name,
                                        String.join(",", jail.ports()),
                                        all ? "tcp,udp" : "tcp"));
            }
        }
        return text.toString();
    }

    /** Lines of the log go to standard input: fail2ban puts them into a variable of the shell, never into its text. */
    private static final String TELL = HEAD + """
            [Definition]
            # What was found before a restart was told before it, and what the restart ends is told by the program itself.
            norestored = 1
            actionstart =
            actionstop =
            actioncheck =
            actionflush = true
            actionban = printf '%%s\\n' "<matches>" | /bin/sh /var/lib/vmext-intrusion-detection/bin/attack begin "<name>" "<ip>" "<failures>" "<bantime>"
            actionunban = /bin/sh /var/lib/vmext-intrusion-detection/bin/attack end "<name>" "<ip>"
            [Init]
            name = default
            """;

    private static final String REPEATED = HEAD + """
            [Definition]
            failregex = NOTICE\\s+\\[(?!repeated\\])[a-z0-9-]+\\]\\s+Ban\\s+<HOST>\\s*$
            ignoreregex =
            journalmatch = _SYSTEMD_UNIT=vmext-intrusion-detection-attacks.service
            """;

    private static String lines(List<String> lines) {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }
}
