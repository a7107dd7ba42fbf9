package dev.vmext.nodemetrics;

import java.util.List;

/** A part of the machine that can be looked at or not, and what the exporter calls its collectors. */
enum Group {
    CPU("cpu", "cpu loadavg stat"),
    MEMORY("memory", "meminfo vmstat"),
    DISKS("disks", "diskstats"),
    FILE_SYSTEMS("fileSystems", "filesystem filefd"),
    NETWORK("network", "netdev netstat sockstat"),
    PRESSURE("pressure", "pressure"),
    SERVICES("services", "systemd"),
    SYSTEM("system", "os time uname");

    private final String setting;
    private final String collectors;

    Group(String setting, String collectors) {
        this.setting = setting;
        this.collectors = collectors;
    }

    /** Its key in the settings. */
    String setting() {
        return setting;
    }

    List<String> collectors() {
        return List.of(collectors.split(" "));
    }
}
