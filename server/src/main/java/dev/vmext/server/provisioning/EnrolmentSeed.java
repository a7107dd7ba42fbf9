package dev.vmext.server.provisioning;

import dev.vmext.fleet.Secret;
import dev.vmext.fleet.provider.SeedFiles;
import dev.vmext.protocol.Digest;
import dev.vmext.server.json.StrictJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Everything a machine gets to enrol: where the gateway is and which CA it must have, the owner's trust file, the token, and the agent
 * with its digest. Rendered as cloud-init user-data or as one shell line; both hold the token, so neither is ever logged.
 *
 * @param instanceId a guest that has seen another one introduces itself anew
 * @param gateway host:port as the machine reaches it
 * @param trust text of the owner's trust file
 * @param deadlineStretch by how much deadlines in the guest are longer, because its processor is simulated
 */
record EnrolmentSeed(
        String instanceId,
        String machineName,
        String gateway,
        Digest caDigest,
        String trust,
        Secret token,
        Digest agentDigest,
        int deadlineStretch) {
    private static final String FOLDER = "/etc/vmext";
    private static final String SCRIPT = "/etc/vmext/install-agent.sh";
    private static final String BODY = body();

    private String agentJson() {
        var content = new LinkedHashMap<String, Object>();
        content.put("version", 1);
        content.put("gateways", List.of(gateway));
        content.put("caDigest", caDigest.text());
        content.put("deadlineStretch", deadlineStretch);
        return text(content);
    }

    private String enrolmentJson() {
        var content = new LinkedHashMap<String, Object>();
        content.put("version", 1);
        content.put("token", token.reveal());
        return text(content);
    }

    private static String text(Object content) {
        return new String(StrictJson.writePretty(content), StandardCharsets.UTF_8) + "\n";
    }

    private String head() {
        return "#!/bin/sh\nurl=" + Shell.quoted("https://" + gateway + "/v1/agent/" + AgentArchive.FILE) + "\nsha256="
                + Shell.quoted(agentDigest.hex()) + "\n";
    }

    /** The script of a machine whose files cloud-init writes. */
    String installScript() {
        return head() + BODY;
    }

    /** The script of a machine that nobody prepared: it writes the files itself, and keeps a trust file that is there. */
    String enrolScript() {
        return head() + "configure() {\n"
                + "    folder=\"${VMEXT_ROOT:-}" + FOLDER + "\"\n"
                + "    mkdir -p \"$folder\"\n"
                + "    chmod 755 \"$folder\"\n"
                + "    if [ -e \"$folder/trust.json\" ]; then\n"
                + "        say \"keeping the trust file that is there\"\n"
                + "    else\n"
                + write("trust.json", trust, "644")
                + "    fi\n"
                + write("agent.json", agentJson(), "644")
                + write("enrolment.json", enrolmentJson(), "600")
                + "}\n"
                + BODY;
    }

    private static String write(String name, String content, String mode) {
        return "    printf %s " + Shell.quoted(content) + " > \"$folder/" + name + ".new\"\n"
                + "    chmod " + mode + " \"$folder/" + name + ".new\"\n"
                + "    mv \"$folder/" + name + ".new\" \"$folder/" + name + "\"\n";
    }

    /**
     * One line for a root shell. The script comes through a pipe, so that the token is in no process's arguments.
     */
    String command() {
        return "echo " + Base64.getEncoder().encodeToString(gzip(enrolScript())) + " | base64 -d | gzip -d | sh";
    }

    /** A cloud-config in JSON, which is YAML that needs no quoting rules of its own. */
    String userData() {
        var config = new LinkedHashMap<String, Object>();
        config.put(
                "write_files",
                List.of(
                        file(FOLDER + "/agent.json", agentJson(), "0644"),
                        file(FOLDER + "/trust.json", trust, "0644"),
                        file(FOLDER + "/enrolment.json", enrolmentJson(), "0600"),
                        file(SCRIPT, installScript(), "0700")));
        config.put("runcmd", List.of(List.of("/bin/sh", SCRIPT)));
        return "#cloud-config\n" + text(config);
    }

    private static Map<String, Object> file(String path, String content, String mode) {
        var file = new LinkedHashMap<String, Object>();
        file.put("path", path);
        file.put("permissions", mode);
        file.put("owner", "root:root");
        file.put("content", content);
        return file;
    }

    String metaData() {
        return "instance-id: " + instanceId + "\nlocal-hostname: " + machineName + "\n";
    }

    SeedFiles files() {
        return new SeedFiles(userData(), metaData());
    }

    private static byte[] gzip(String script) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(bytes)) {
            out.write(script.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail to take bytes", e);
        }
        return bytes.toByteArray();
    }

    private static String body() {
        try (InputStream in = EnrolmentSeed.class.getResourceAsStream("install-agent.sh")) {
            if (in == null) {
                throw new IllegalStateException("install-agent.sh is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("install-agent.sh cannot be read from the jar", e);
        }
    }
}
