package dev.vmext.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.machine.Programs;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built package with the real ansible-core. Ansible is slow: few runs, each of which is looked at for much. */
final class ConfigurationIT {
    private static final Programs.Result WELL = new Programs.Result(0, "");

    @TempDir
    private Path folder;

    private MachineWithAnsible machine;

    @BeforeEach
    void start() throws Exception {
        machine = new MachineWithAnsible(folder);
    }

    @AfterEach
    void end() {
        machine.close();
    }

    private static Json.Obj settings(String json) {
        return (Json.Obj) Json.parse(json);
    }

    /** Settings with a playbook of these tasks. */
    private static Json.Obj playbook(String tasks) {
        return Json.object().with("playbook", "- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks.indent(2));
    }

    private String inside(String line) throws Exception {
        return machine.root.ok(line);
    }

    @Test
    void makesTheMachineSoFindsDriftMakesItGoodAndLeavesNothingOfItself() throws Exception {
        inside("""
            set -e
            rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/* /var/lib/apt/lists/*
            echo 'deb [trusted=yes] file:/repo ./' > /etc/apt/sources.list
            echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/test
            mkdir -p /repo /made/DEBIAN /made/usr/share/vmext-test
            printf 'Package: vmext-test\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: t <t@localhost>\\nDescription: t\\n' > /made/DEBIAN/control
            chmod -R go=rX /made
            dpkg-deb -Znone -b /made /repo/vmext-test.deb
            cd /repo
            { cat /made/DEBIAN/control; printf 'Filename: ./vmext-test.deb\\nSize: %s\\nSHA256: %s\\n' \\
              "$(stat -c %s vmext-test.deb)" "$(sha256sum vmext-test.deb | cut -d ' ' -f 1)"; } > Packages\
            """);
        String content = "port {{ 80 }}\n\"\\\u0085\u2028\u00e4\n";
        machine.settings(
                settings("""
                    {"packages": [{"name": "vmext-test"}],
                     "users": [{"name": "web", "system": true}],
                     "files": [{"path": "/etc/web.conf", "owner": "web", "mode": "0640"}, {"path": "/srv/web", "state": "directory"},
                               {"path": "/srv/web/now", "state": "link", "target": "/etc/web.conf"}],
                     "sysctl": {"net.ipv4.ip_forward": "1"}}\
                    """.replace("\"owner\"", "\"content\":" + " " + new Json.Str(content).text() + ", \"owner\""))
                        .with("cleanUp", """
                                - hosts: all
                                  gather_facts: false
                                  tasks:
                                  - ansible.builtin.file: {path: /etc/web.conf, state: absent}
                                """),
                Json.object());
        assertThat(machine.runPackaged("enable")).isEqualTo(WELL);
        assertThat(machine.status())
                .contains(
                        "\"status\":\"success\"",
                        "The machine is as it should be; 7 tasks changed something",
                        "differ: package vmext-test present",
                        "changed: file /etc/web.conf",
                        "changed: sysctl net.ipv4.ip_forward: is 0, wanted 1",
                        "+port {{ 80 }}");
        assertThat(machine.told()).as("what was made good at once is no drift").isEmpty();
        assertThat(inside("dpkg-query -W -f '${Version}\\n"
                        + "' vmext-test; stat -c '%U %a' /etc/web.conf /srv/web; test ! -e /home/web; sysctl -n"
                        + " net.ipv4.ip_forward; cat /srv/web/now"))
                .isEqualTo("1.0\nweb 640\nroot 755\n1\n" + content.strip());

        machine.timer("tick");
        assertThat(machine.told()).as("as it should be").isEmpty();
        inside("dpkg -r vmext-test; echo port 81 > /etc/web.conf; sysctl -q -w net.ipv4.ip_forward=0");
        machine.timer("tick");
        assertThat(machine.told())
                .contains(
                        "\"type\":\"configuration-drift\",\"subject\":\"package vmext-test"
                                + " present\",\"state\":\"open\"",
                        "\"subject\":\"file /etc/web.conf\"",
                        "port 81",
                        "\"subject\":\"sysctl net.ipv4.ip_forward\"",
                        "is 0, wanted 1")
                .doesNotContain("user web", "configuration-failed");
        assertThat(inside("cat /etc/web.conf; sysctl -n net.ipv4.ip_forward"))
                .as("a look changes nothing")
                .isEqualTo("port 81\n0");
        machine.timer("apply");
        assertThat(machine.told().split("\"state\":\"resolved\"", -1)).hasSize(4);
        assertThat(inside("dpkg-query -W -f '${Status}\\n"
                        + "' vmext-test; head -n 1 /etc/web.conf; sysctl -n net.ipv4.ip_forward"))
                .isEqualTo("install ok installed\nport {{ 80 }}\n1");
        assertThat(inside("cat /var/lib/vmext-configuration/runs/*5-apply/diff"))
                .contains("-port 81", "+port {{ 80 }}", "+++ after: (wanted)");

        assertThat(machine.run("disable")).isEqualTo(WELL);
        assertThat(machine.runPackaged("uninstall")).isEqualTo(WELL);
        assertThat(machine.run("uninstall")).isEqualTo(WELL);
        assertThat(inside("ls -A /var/lib /var/lib/vmext /etc /etc/systemd/system /run /tmp /var/tmp /root/.ansible"
                        + " 2>/dev/null || true"))
                .doesNotContain("vmext-configuration", "package-claims", "web.conf", "ansible-tmp", "/root/.ansible:");
    }

    @Test
    void aPlaybookWithAFaultLeavesTheOldOneAtWorkAndSecretsAreMaskedInAllThatIsKeptOrTold() throws Exception {
        String secret = "hunter{{2\"hunter2";
        machine.settings(
                playbook("""
                    - name: secret file
                      ansible.builtin.copy: {dest: /etc/secret, content: 'token={{ token }} {{ plain }}'}
                    - name: who
                      ansible.builtin.shell: id -un; cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' > /tmp/arguments
                      become: true
                      become_user: nobody
                      check_mode: false
                      changed_when: false
                      register: who
                    - block:
                      - ansible.builtin.fail: {msg: rescued}
                      rescue:
                      - ansible.builtin.copy:
                          dest: /etc/who
                          content: "{{ (who.stdout_lines | default(['-']))[0] }} {{ lookup('config', 'DEFAULT_NO_TARGET_SYSLOG') }}"
                    - name: not by itself
                      ansible.builtin.command: test -e /etc/ready
                      check_mode: false
                      changed_when: false
                    """).with("variables", settings("{\"plain\": \"shown\"}")),
                settings("{\"variables\": {}}").with("variables", Json.object().with("token", secret)));
        inside("touch /etc/ready");
        assertThat(machine.run("enable")).isEqualTo(WELL);
        assertThat(inside("cat /etc/secret; echo; cat /etc/who; echo; stat -c %a /etc/secret"))
                .isEqualTo("token=" + secret + " shown\nnobody True\n644");
        assertThat(inside("cat /tmp/arguments")).contains("secret.json").doesNotContain("hunter");
        assertThat(machine.status())
                .contains("\"status\":\"success\"", "token=*** shown")
                .doesNotContain("hunter", "rescued");

        for (String bad : new String[] {"- hosts: all\n  tasks:\n  - nosuchmodule: {a: b}\n", "- hosts: [\n"}) {
            assertThat(machine.enable(Json.object().with("playbook", bad))).isEqualTo(53);
            assertThat(machine.status())
                    .contains("cannot use the playbook: ", "Nothing was changed; the former settings are at work");
        }
        assertThat(machine.enable(settings("{\"package\": {\"name\": \"acme\"}}")))
                .isEqualTo(53);
        assertThat(machine.status()).contains("there is no folder /var/lib/vmext-configuration/playbooks.d/acme");

        // The look comes to the task that fails only after one that would change something, and what failed may be for
        // that.
        inside("echo x > /etc/secret; rm /etc/ready");
        machine.timer("tick");
        assertThat(machine.told())
                .contains("\"subject\":\"secret file\"", "token=*** shown")
                .doesNotContain("hunter", "configuration-failed");
        machine.timer("apply");
        assertThat(machine.told())
                .contains("\"type\":\"configuration-failed\",\"subject\":\"not by itself\"", "non-zero return code")
                .doesNotContain("resolved");
        // Now nothing differs: nothing explains that a task fails.
        machine.timer("tick");
        assertThat(machine.told())
                .contains("\"type\":\"configuration-failed\",\"subject\":\"look\",\"state\":\"open\"", "not by itself")
                .doesNotContain("resolved");
        inside("touch /etc/ready");
        machine.timer("apply");
        assertThat(machine.told().split("\"state\":\"resolved\"", -1)).hasSize(3);
        machine.timer("tick");
        assertThat(machine.told()).contains("\"subject\":\"look\",\"state\":\"resolved\"");
        assertThat(inside("grep -rl --exclude-dir=lib hunter /var/lib/vmext-configuration /run/vmext-configuration "
                        + machine.shared + " /tmp/arguments | sed 's|wanted-[ab]|wanted|' | sort -u"))
                .isEqualTo("/var/lib/vmext-configuration/wanted/secret.json");
    }

    @Test
    void aPlaybookComesFromAPackageOrAnArchiveThatKeepsToItsFolder() throws Exception {
        String packages = "/var/lib/vmext-configuration/playbooks.d";
        inside("""
            set -e
            umask 022
            mkdir -p %1$s/acme/files
            cd %1$s/acme
            echo one > files/one
            printf '#!/bin/sh\\necho ran > /etc/ran\\n' > files/run.sh
            cat > site.yml <<'END'
            - hosts: others
              tasks: []
            - hosts: all
              gather_facts: false
              tasks:
              - ansible.builtin.copy: {src: one, dest: /etc/one}
              - ansible.builtin.script: {cmd: run.sh, creates: /etc/ran}
            END
            cd %2$s
            tar czf good.tar.gz -C %1$s/acme .
            python3 - <<'END'
            import io, tarfile
            def pack(name, *members):
                with tarfile.open(name, "w") as tar:
                    for path, link, text in members:
                        one = tarfile.TarInfo(path)
                        one.type = tarfile.SYMTYPE if link else tarfile.REGTYPE
                        one.linkname, one.size = link, len(text)
                        tar.addfile(one, io.BytesIO(text))
            pack("up", ("../../../../evil", "", b"x"), ("site.yml", "", b"- hosts: all"))
            pack("through", ("out", "/etc", b""), ("out/evil", "", b"x"), ("site.yml", "", b"- hosts: all"))
            pack("link", ("site.yml", "../../../../../etc/evil.yml", b""))
            END
            echo '- hosts: all' > /etc/evil.yml
            """.formatted(packages, machine.shared));
        assertThat(machine.enable(settings("{\"package\": {\"name\": \"acme\"}, \"checkCalendar\": \"hourly\","
                        + " \"applyCalendar\": \"daily\"}")))
                .isZero();
        assertThat(machine.status()).contains("\"status\":\"success\"");
        assertThat(inside("cat /etc/one /etc/ran; stat -c %a /var/lib/vmext-configuration; ls /etc/systemd/system"))
                .startsWith("one\nran\n700\n")
                .contains("vmext-configuration-apply.timer", "vmext-configuration-check.timer");
        inside("rm /etc/one; chmod o+w " + packages + "/acme/files/one");
        machine.timer("apply");
        assertThat(machine.told())
                .contains("\"subject\":\"apply\"", "others than root can write " + packages + "/acme/files/one");
        inside("chmod o-w %1$s/acme/files/one; ln -s /etc %1$s/acme/roles".formatted(packages));
        machine.timer("apply");
        assertThat(machine.told()).contains(packages + "/acme/roles is a link that leads out of its folder");
        assertThat(inside("test ! -e /etc/one && echo untouched")).isEqualTo("untouched");

        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = Files.readAllBytes(
                    machine.shared.resolve(exchange.getRequestURI().getPath().substring(1)));
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            Function<String, Json.Obj> download =
                    name -> settings("{\"download\": {\"url\": \"http://127.0.0.1:%d/%s\", \"playbook\": \"site.yml\"}}"
                            .formatted(server.getAddress().getPort(), name));
            for (String[] bad : new String[][] {
                {"up", "cannot unpack what settings.download names"},
                {"through", "cannot unpack what settings.download names"},
                {"link", "site.yml is a link, or lies behind one"},
            }) {
                assertThat(machine.enable(withDigest(download.apply(bad[0]), digest(bad[0]))))
                        .as(bad[0])
                        .isEqualTo(53);
                assertThat(machine.status()).contains(bad[1]);
            }
            assertThat(machine.enable(withDigest(download.apply("good.tar.gz"), "0".repeat(64))))
                    .isEqualTo(6);
            assertThat(machine.status()).contains("what came has the digest sha256:" + digest("good.tar.gz"));
            assertThat(inside("find / -xdev -name evil; ls /var/lib/vmext-configuration"))
                    .doesNotContain("evil", "wanted-b");
            assertThat(machine.enable(withDigest(download.apply("good.tar.gz"), digest("good.tar.gz"))))
                    .isZero();
            assertThat(machine.status()).contains("\"status\":\"success\"");
            assertThat(inside("cat /etc/one; ls /etc/systemd/system"))
                    .startsWith("one")
                    .doesNotContain("apply.timer");
        } finally {
            server.stop(0);
        }
        assertThat(machine.run("uninstall")).isEqualTo(WELL);
        assertThat(inside("ls -A /var/lib/vmext-configuration"))
                .as("what another extension brought")
                .isEqualTo("playbooks.d");
    }

    private String digest(String file) throws Exception {
        return inside("sha256sum " + machine.shared.resolve(file) + " | cut -c 1-64");
    }

    private static Json.Obj withDigest(Json.Obj settings, String digest) {
        Json.Obj download = (Json.Obj) settings.find("download").orElseThrow();
        return settings.with("download", download.with("digest", "sha256:" + digest));
    }

    @Test
    void anApplyThatWasKilledIsDoneAgainAndOneThatHangsIsEnded() throws Exception {
        machine.settings(playbook("""
            - ansible.builtin.copy: {dest: /etc/begun, content: x}
            - ansible.builtin.command: sh -c 'test -e /etc/go || exec sleep 6000'
              become: true
              become_user: nobody
            - ansible.builtin.copy: {dest: /etc/ended, content: x}
            """), Json.object());
        Process handler = machine.packaged("enable").start();
        inside("until pgrep -x sleep; do sleep 0.1; done");
        // Everything but Ansible, which goes on without anybody who would end it.
        inside("pkill -KILL -f '[c]onfiguration.Main'; pkill -KILL -f '[v]mext-configuration/bin'; pgrep -f"
                + " '[b]in/ansible-playbook'");
        handler.waitFor();
        inside("touch /etc/go; test -e /etc/begun; test ! -e /etc/ended");
        machine.timer("tick");
        assertThat(inside("ls /etc/ended; pgrep -x sleep || echo nothing hangs; ls /var/lib/vmext-configuration/state"))
                .startsWith("/etc/ended\nnothing hangs\n")
                .doesNotContain("owed");

        inside("rm /etc/go");
        assertThat(machine.enable(playbook("""
            - ansible.builtin.command: sleep 6000
              become: true
              become_user: nobody
            """).with("timeoutSeconds", 4))).isZero();
        assertThat(machine.status())
                .contains(
                        "\"status\":\"error\"",
                        "The machine is not as it should be: it had not ended after 4 s (timeoutSeconds)");
        assertThat(inside("pgrep -f '[b]in/ansible-playbook' || pgrep -x sleep || echo nothing hangs; ls -A"
                        + " /var/lib/vmext-configuration/work /run/vmext-configuration"))
                .isEqualTo("nothing hangs\n/run/vmext-configuration:\nlock\n\n/var/lib/vmext-configuration/work:");
    }

    @Test
    void modeCheckNeverChangesAnything() throws Exception {
        assertThat(machine.enable(settings("""
            {"mode": "check", "files": [{"path": "/etc/web.conf", "content": "x"}, {"path": "/etc/dir", "state": "directory"}],
             "sysctl": {"net.ipv4.no_such_thing": "1"}}\
            """))).isZero();
        assertThat(machine.status())
                .contains(
                        "\"status\":\"success\"",
                        "The machine differs in 3 tasks; nothing was changed (mode check)",
                        "What comes after a task that failed was not looked at",
                        "read net.ipv4.no_such_thing");
        machine.timer("apply");
        assertThat(machine.root
                        .sh("ls /etc/web.conf /etc/dir /etc/sysctl.d/90-vmext-configuration.conf")
                        .output())
                .doesNotContain("\n/etc");
        assertThat(machine.told())
                .contains("configuration-drift", "file /etc/dir")
                .doesNotContain("configuration-failed");
        inside("echo junk > /var/lib/vmext-configuration/state/told.json; mkdir"
                + " /var/lib/vmext-configuration/runs/mine");
        machine.timer("tick");
        assertThat(machine.told()).contains("configuration-drift");
    }
}
