package dev.vmext.intrusiondetection;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What can be attacked and is known here: which of fail2ban's filters sees it, in which log, and on which ports it listens. */
enum Service {
    SSHD("sshd", "sshd", "22", ""),
    POSTFIX(
            "postfix",
            "postfix[mode=extra, journalmatch=\"_SYSTEMD_UNIT=postfix@-.service + _SYSTEMD_UNIT=postfix.service\"]",
            "25,465,587",
            ""),
    DOVECOT("dovecot", "dovecot", "110,143,993,995,4190", ""),
    NGINX_AUTH("nginx-http-auth", "nginx-http-auth", "80,443", "/var/log/nginx/error.log"),
    NGINX_LIMIT("nginx-limit-req", "nginx-limit-req", "80,443", "/var/log/nginx/error.log"),
    NGINX_BOTS("nginx-botsearch", "nginx-botsearch", "80,443", "/var/log/nginx/access.log"),
    NGINX_BAD("nginx-bad-request", "nginx-bad-request", "80,443", "/var/log/nginx/access.log"),
    APACHE_AUTH("apache-auth", "apache-auth", "80,443", "/var/log/apache2/*error.log"),
    APACHE_BOTS("apache-botsearch", "apache-botsearch", "80,443", "/var/log/apache2/*error.log"),
    APACHE_OVERFLOWS("apache-overflows", "apache-overflows", "80,443", "/var/log/apache2/*error.log"),
    APACHE_SHELLSHOCK("apache-shellshock", "apache-shellshock", "80,443", "/var/log/apache2/*error.log"),
    VSFTPD("vsftpd", "vsftpd", "20,21,990", "/var/log/vsftpd.log"),
    PROFTPD("proftpd", "proftpd", "20,21,990", "/var/log/proftpd/proftpd.log"),
    /** Addresses that other jails found again and again. */
    REPEATED("repeated", "vmext-repeated", "0:65535", "");

    private final String word;
    private final String filter;
    private final String ports;
    private final String log;

    Service(String word, String filter, String ports, String log) {
        this.word = word;
        this.filter = filter;
        this.ports = ports;
        this.log = log;
    }

    static Optional<Service> find(String word) {
        return Arrays.stream(values()).filter(s -> s.word.equals(word)).findFirst();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Service::word).toList();
    }

    /** As in settings; the name of the jail too. */
    String word() {
        return word;
    }

    String filter() {
        return filter;
    }

    /** As fail2ban wants them: commas, and a colon for a range. */
    String ports() {
        return ports;
    }

    /** Files it writes its log to; empty means the journal. */
    List<String> logs() {
        return log.isEmpty() ? List.of() : List.of(log);
    }
}
