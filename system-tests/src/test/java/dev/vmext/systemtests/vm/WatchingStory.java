package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Eventually;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A story about extensions that watch: what they say is read where an operator reads it, at the control plane. */
abstract class WatchingStory extends MachineStory {
    private static final String PROJECT = "/v1/projects/default";

    private Set<String> before = Set.of();

    /** A series and its newest sample. */
    record Newest(Map<String, String> labels, Instant time, double value) {}

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String conditions(Map<String, String> labels) {
        StringBuilder all = new StringBuilder();
        labels.forEach((label, value) -> all.append("&match=").append(encoded(label + "=" + value)));
        return all.toString();
    }

    /** What the machine's series of that name said last; those that ended are left away. */
    List<Newest> newest(String name, Map<String, String> labels) throws Exception {
        List<Newest> found = new ArrayList<>();
        for (JsonNode series : api.get(PROJECT + "/machines/demo/metrics?name=" + encoded(name) + conditions(labels))
                .ok()
                .path("series")) {
            if (!series.path("ended").asBoolean()) {
                Map<String, String> all = new java.util.TreeMap<>();
                series.path("labels")
                        .properties()
                        .forEach(one -> all.put(one.getKey(), one.getValue().asText()));
                found.add(new Newest(
                        all,
                        Instant.parse(series.path("time").asText()),
                        series.path("value").asDouble(Double.NaN)));
            }
        }
        return found;
    }

    /** The newest value of the one series that fits; not a number when there is none. */
    double value(String name, Map<String, String> labels) throws Exception {
        List<Newest> found = newest(name, labels);
        assertThat(found).as(name + labels).hasSizeLessThan(2);
        return found.isEmpty() ? Double.NaN : found.getFirst().value();
    }

    void awaitValue(String name, Map<String, String> labels, double wanted) throws Exception {
        Eventually.until(name + labels + " is " + wanted, GUEST, () -> value(name, labels), seen -> seen == wanted);
    }

    /** Findings of that type about that subject, or about any when it is empty. */
    List<JsonNode> findings(String type, String subject) throws Exception {
        return api.get(PROJECT + "/findings?machine=demo&limit=1000&type=" + type)
                .ok()
                .path("items")
                .valueStream()
                .filter(one -> subject.isEmpty() || one.path("subject").asText().equals(subject))
                .toList();
    }

    /** Waits for the one finding of that type about that subject, and returns it. */
    JsonNode awaitFinding(String type, String subject, String state) throws Exception {
        return Eventually.until(
                        "the finding " + type + " about " + subject + " is " + state,
                        GUEST,
                        () -> findings(type, subject),
                        found -> found.size() == 1
                                && found.getFirst().path("state").asText().equals(state))
                .getFirst();
    }

    /** What a rule says now of the series with this label; a missing node when it says nothing. */
    JsonNode alert(String rule, String label, String value) throws Exception {
        return api.get(PROJECT + "/alerts")
                .ok()
                .path("items")
                .valueStream()
                .filter(one -> one.path("rule").asText().equals(rule)
                        && one.path("labels").path(label).asText().equals(value))
                .findFirst()
                .orElseGet(com.fasterxml.jackson.databind.node.MissingNode::getInstance);
    }

    JsonNode awaitAlert(String rule, String label, String value) throws Exception {
        return Eventually.until(
                rule + " fires for " + value,
                GUEST,
                () -> alert(rule, label, value),
                one -> one.path("state").asText().equals("firing"));
    }

    /** Waits until the rule has nothing to say, and its finding is over. */
    void awaitNoAlert(String rule, String label, String value) throws Exception {
        Eventually.until(
                rule + " is over for " + value,
                GUEST,
                () -> alert(rule, label, value),
                one -> !List.of("firing", "pending").contains(one.path("state").asText()));
    }

    /** Findings that alerts are, of that rule. */
    List<JsonNode> alertFindings(String rule) throws Exception {
        return findings("alert", "").stream()
                .filter(one -> one.path("subject").asText().startsWith(rule))
                .toList();
    }

    /** Remembers what the machine has, so that {@link #assertNothingLeft} can tell what came. */
    void remember() throws Exception {
        before = everything();
    }

    /** What is there that was not there, except what these expressions say, is a fault. */
    void assertNothingLeft(String... declared) throws Exception {
        Set<String> left = new TreeSet<>(everything());
        left.removeAll(before);
        left.removeIf(line -> java.util.Arrays.stream(declared).anyMatch(line::matches));
        assertThat(left).as("left behind").isEmpty();
        Set<String> gone = new TreeSet<>(before);
        gone.removeAll(everything());
        assertThat(gone).as("taken along").isEmpty();
    }

    /**
     * Packages, users, units, tables of the packet filter and lasting files, without what the system itself rewrites all the time, and what
     * the machine's own firewall keeps while it waits to be confirmed.
     */
    private static Set<String> everything() throws Exception {
        return new HashSet<>(inside("""
                dpkg-query -W -f 'package ${Package} ${db:Status-Abbrev}\\n'
                sed 's/:.*//; s/^/user /' /etc/passwd; sed 's/:.*//; s/^/group /' /etc/group
                systemctl list-unit-files --no-legend --no-pager | awk '$2 != "transient" { print "unit", $1, $2 }'
                nft list tables
                find /boot /etc /home /opt /root /srv /usr /var/lib /var/log /var/spool /run/systemd/system -xdev \\
                    \\( -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/lib/vmext -o -path /var/lib/systemd -o -path /var/log/journal \\
                       -o -path /var/log/apt -o -path /var/log/dpkg.log -o -path /var/log/vmext -o -path /var/lib/private \\
                       -o -path '/var/lib/vmext-firewall/previous*' -o -path /var/lib/vmext-firewall/unconfirmed -o -path /usr/share/mime -o -name __pycache__ \\) -prune \\
                    -o ! -name '*.cache' ! -name '*.cache-[0-9]' ! -name '*-' ! -name '*.dpkg-*' ! -name '*.new' -printf 'file %p\\n'
                """).lines().toList());
    }
}
