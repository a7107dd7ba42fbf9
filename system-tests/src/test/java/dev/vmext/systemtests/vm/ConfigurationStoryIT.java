package dev.vmext.systemtests.vm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * vmext.Configuration on a machine with apt and systemd: what is wanted comes true, a timer looks, what somebody changes is told
 * and made good, an apply that is killed is done again, and the way out. What is claimed is looked at on the machine.
 */
@Order(72)
@Tag("long")
class ConfigurationStoryIT extends WatchingStory {
    private static final String NAME = "configuration";
    private static final String EXTENSION = "vmext.Configuration";
    private static final String NEWER = newerVersion();
    private static final String STATE = "/var/lib/vmext-configuration";
    /** Rarely: where processors are simulated a look takes minutes, and one after the other would leave the machine no time for anything else. */
    private static final String CALENDAR = "\"checkCalendar\": \"*-*-* 0/6:00:00\", \"jitterMinutes\": 0";

    private static final String CHECK = "vmext-configuration-check";
    private static final String WANTED = """
        {%s, "packages": [{"name": "python3-systemd"}], "users": [{"name": "story", "system": true}],
         "files": [{"path": "/etc/systemd/system/story.service", "content": "[Service]\\nUser=story\\nExecStart=/bin/sleep 100000\\n[Install]\\nWantedBy=multi-user.target\\n"},
                   {"path": "/etc/story.conf", "owner": "story", "mode": "0640", "content": "port 80\\n"}],
         "sysctl": {"net.core.somaxconn": "1024"},
         "services": [{"name": "story.service", "running": true, "enabled": true}],
         "cleanUp": "- hosts: all\\n  gather_facts: false\\n  tasks:\\n  - ansible.builtin.systemd: {name: story.service, state: stopped, enabled: false}\\n  - ansible.builtin.file: {path: '{{ item }}', state: absent}\\n    loop: [/etc/systemd/system/story.service, /etc/story.conf, /etc/sysctl.d/90-vmext-configuration.conf]\\n  - ansible.builtin.user: {name: story, state: absent}\\n  - ansible.builtin.apt: {name: python3-systemd, state: absent, purge: true}\\n  - ansible.builtin.systemd: {daemon_reload: true}\\n"%s}\
        """;
    private static final String LOOK =
            "systemctl is-active story; systemctl is-enabled story; sysctl -n net.core.somaxconn; cat /etc/story.conf;"
                    + " stat -c '%U %a' /etc/story.conf\n"
                    + "dpkg-query -W -f '${Status}\\n"
                    + "' python3-systemd";
    private static final String AS_WANTED = "active\nenabled\n1024\nport 80\nstory 640\ninstall ok installed";

    private String version = "";
    private String before = "";

    @BeforeAll
    void look() throws Exception {
        version = built(EXTENSION);
        before = inside("sysctl -n net.core.somaxconn").strip();
        Traces.remember();
        Footprint.before();
    }

    @AfterAll
    void leaveTheMachineAsItWas() throws Exception {
        takeOff(NAME);
        inside("rm -rf /root/traces /etc/story.conf " + STATE);
    }

    private void settled(String more) throws Exception {
        want(NAME, EXTENSION, version, WANTED.formatted(CALENDAR, more));
        healthy(NAME);
    }

    /** What the timer starts, now, and to its end. */
    private static void lookNow() throws Exception {
        inside("systemctl start " + CHECK + ".service");
    }

    private static void assertAsWanted() throws Exception {
        assertThat(inside(LOOK + " || true").strip()).isEqualTo(AS_WANTED);
    }

    @Test
    @Order(1)
    void whatIsWantedComesTrueAndIsNoDrift() throws Exception {
        settled("");
        JsonNode view = installation(NAME);
        assertThat(inside(LOOK).strip()).isEqualTo(AS_WANTED);
        assertThat(view.toString()).contains("The machine is as it should be", "changed: service story.service");
        assertThat(inside("systemctl is-active %1$s.timer; systemctl show -P Triggers %1$s.timer; stat -c %%a %2$s"
                        .formatted(CHECK, STATE)))
                .isEqualTo("active\n" + CHECK + ".service\n700\n");
        assertThat(inside("systemctl show -P NextElapseUSecRealtime " + CHECK + ".timer"))
                .as("when it looks next")
                .containsPattern("[0-9]+-[0-9]+-[0-9]+ [0-9]+:00:00");
        // A look by its timer, told another time for once, which finds nothing.
        inside("""
            mkdir -p /run/systemd/system/%1$s.timer.d
            printf '[Timer]\\nOnActiveSec=1\\n' > /run/systemd/system/%1$s.timer.d/story.conf
            systemctl daemon-reload; systemctl restart %1$s.timer
            until grep -l '"kind": "check"' %2$s/runs/*3-check/result.json; do sleep 1; done
            rm -r /run/systemd/system/%1$s.timer.d
            systemctl daemon-reload; systemctl restart %1$s.timer\
            """.formatted(CHECK, STATE));
        assertThat(findings("configuration-drift", "")).isEmpty();
        assertThat(findings("configuration-failed", "")).isEmpty();
        assertThat(Footprint.of(NAME, "vmext-configuration").processes())
                .as("nothing stays in memory")
                .isZero();
    }

    @Test
    @Order(2)
    void whatSomebodyChangesIsToldAndNotTouchedUntilThatIsWanted() throws Exception {
        inside("systemctl stop story; echo port 81 > /etc/story.conf; sysctl -q -w net.core.somaxconn=" + before);
        lookNow();
        JsonNode file = awaitFinding("configuration-drift", "file /etc/story.conf", "open");
        assertThat(file.path("evidence").path("diff").asText()).contains("-port 81", "+port 80");
        awaitFinding("configuration-drift", "service story.service", "open");
        awaitFinding("configuration-drift", "sysctl net.core.somaxconn", "open");
        assertThat(inside("cat /etc/story.conf; systemctl is-active story || true"))
                .isEqualTo("port 81\ninactive\n");
        settled(", \"applyOnDrift\": true");
        assertThat(inside(LOOK).strip()).isEqualTo(AS_WANTED);
        for (String what :
                new String[] {"file /etc/story.conf", "service story.service", "sysctl net.core.somaxconn"}) {
            awaitFinding("configuration-drift", what, "resolved");
        }
        inside("systemctl stop story; DEBIAN_FRONTEND=noninteractive apt-get -q -y remove python3-systemd");
        lookNow();
        assertAsWanted();
    }

    @Test
    @Order(3)
    void anApplyThatIsKilledIsDoneAgain() throws Exception {
        inside("""
            echo port 82 > /etc/story.conf
            systemctl start --no-block vmext-configuration-apply.service
            until pgrep -f '[b]in/ansible-playbook'; do sleep 0.2; done
            kill -KILL $(systemctl show -P MainPID vmext-configuration-apply.service)
            until systemctl is-failed vmext-configuration-apply.service; do sleep 0.2; done
            test -e %s/state/owed\
            """.formatted(STATE));
        lookNow();
        assertAsWanted();
        assertThat(inside("ls " + STATE + "/state")).doesNotContain("owed");
    }

    @Test
    @Order(4)
    void aPlaybookWithAFaultLeavesTheOldOneAtWork() throws Exception {
        want(NAME, EXTENSION, version, "{\"playbook\": \"- hosts: all\\n  tasks:\\n  - nosuchmodule: {a: b}\\n\"}");
        assertThat(failed(NAME).toString()).contains("cannot use the playbook", "nosuchmodule");
        inside("systemctl stop story");
        lookNow();
        assertAsWanted();
        settled(", \"applyOnDrift\": true");
    }

    @Test
    @Order(5)
    void theMachineIsSoAfterAStartAndInAnotherVersion() throws Exception {
        reboot();
        healthy(NAME);
        assertAsWanted();
        String installed = "stat -c %Z /usr/bin/ansible-playbook";
        String then = inside(installed);
        publishAs(EXTENSION, NEWER);
        for (String next : new String[] {NEWER, version}) {
            want(NAME, EXTENSION, next, WANTED.formatted(CALENDAR, ", \"applyOnDrift\": true"));
            healthy(NAME, next);
        }
        assertThat(inside(installed)).isEqualTo(then);
        assertAsWanted();
    }

    @Test
    @Order(6)
    void removalRunsThePlaybookForTheEndAndLeavesNothing() throws Exception {
        uninstall(NAME);
        inside("sysctl -q -w net.core.somaxconn=" + before);
        // Debian's openssh-client, which comes with ansible-core, makes it and leaves it.
        assertThat(Traces.left("group _ssh")).isEmpty();
        assertThat(Traces.gone()).isEmpty();
        assertThat(inside("grep 'Removal of configuration' /var/log/vmext/agent.log | tail -n 1"))
                .contains("left behind: nothing");
    }
}
