package dev.vmext.server.provisioning;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.fleet.Secret;
import dev.vmext.protocol.Digest;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the scripts under the real sh, with made-up programs in front of it. */
class EnrolmentSeedTest {
    private static final String ID = "0a0b0c0d-0000-4000-8000-000000000001";
    /** Everything a shell could trip over. */
    private static final String TRUST =
            "{\"version\": 1, \"note\": \"it's $(touch /tmp/never) `id` \\\\ \\\"x\\\"\"}\n";

    @TempDir
    Path folder;

    private Path programs;
    private Path archive;
    private Path root;

    @BeforeEach
    void prepare() throws IOException, InterruptedException {
        programs = Files.createDirectory(folder.resolve("bin"));
        root = Files.createDirectory(folder.resolve("root"));
        for (String tool : List.of(
                "sh", "tar", "gzip", "sha256sum", "mktemp", "rm", "mkdir", "mv", "chmod", "cat", "cp", "base64")) {
            Files.createSymbolicLink(programs.resolve(tool), find(tool));
        }
        program("id", "echo 0");
        program("sleep", "echo slept >> " + folder + "/sleeps");
        Path agent = Files.createDirectory(folder.resolve("agent"));
        Files.writeString(
                agent.resolve("install.sh"),
                "cat \"$VMEXT_ROOT/etc/vmext/agent.json\" > " + folder + "/installed 2>/dev/null || echo none > "
                        + folder + "/installed\n");
        archive = folder.resolve("agent.tar.gz");
        assertThat(new ProcessBuilder("tar", "-czf", archive.toString(), "-C", agent.toString(), "install.sh")
                        .start()
                        .waitFor())
                .isZero();
        // What curl was asked for, and then the archive.
        program(
                "curl",
                "echo \"$*\" >> " + folder
                        + "/curls\nwhile [ $# -gt 1 ]; do [ \"$1\" = --output ] && out=$2; shift; done\n" + "cp "
                        + archive + " \"$out\"");
    }

    @Test
    void installsTheAgentThatHasTheRightDigest() throws Exception {
        Result result = run(seed().installScript());

        assertThat(result.exit).as(result.output).isZero();
        assertThat(folder.resolve("installed")).exists();
        assertThat(Files.readString(folder.resolve("curls")))
                .contains("--insecure", "https://10.0.2.2:4320/v1/agent/linux-amd64.tar.gz");
    }

    @Test
    void runsNothingOfAnArchiveWithAnotherDigest() throws Exception {
        Digest digest = digest();
        Files.writeString(archive, "something else");

        Result result = run(seed(digest).installScript(), "VMEXT_TRIES", "3");

        assertThat(result.exit).isEqualTo(1);
        assertThat(result.output).contains("instead of " + digest.hex(), "after 3 tries");
        assertThat(folder.resolve("installed")).doesNotExist();
    }

    @Test
    void triesAgainUntilTheGatewayAnswers() throws Exception {
        String curl = Files.readString(programs.resolve("curl"));
        program(
                "curl",
                "echo try >> " + folder + "/tries; [ $(cat " + folder + "/tries | wc -l) -ge 3 ] || exit 7\n"
                        + curl.substring(curl.indexOf('\n') + 1));
        Files.createSymbolicLink(programs.resolve("wc"), find("wc"));

        Result result = run(seed().installScript());

        assertThat(result.exit).as(result.output).isZero();
        assertThat(Files.readAllLines(folder.resolve("sleeps"))).hasSize(2);
    }

    @Test
    void saysWhichProgramsItMisses() throws Exception {
        Files.delete(programs.resolve("curl"));

        Result result = run(seed().installScript());

        assertThat(result.exit).isEqualTo(1);
        assertThat(result.output).contains("none of curl, wget and python3 is installed");
    }

    @Test
    void refusesToRunAsAnybodyButRoot() throws Exception {
        program("id", "echo 1000");

        Result result = run(seed().installScript());

        assertThat(result.exit).isEqualTo(1);
        assertThat(result.output).contains("must run as root");
    }

    @Test
    void writesTheFilesOfAMachineNobodyPrepared() throws Exception {
        Result result = run(seed().command());

        assertThat(result.exit).as(result.output).isZero();
        Path etc = root.resolve("etc/vmext");
        assertThat(Files.readString(etc.resolve("trust.json"))).isEqualTo(TRUST);
        assertThat(Files.readString(etc.resolve("enrolment.json"))).contains("\"token\" : \"s3cr'et\"");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(etc.resolve("enrolment.json"))))
                .isEqualTo("rw-------");
        JsonNode agent = StrictJson.tree(Files.readAllBytes(etc.resolve("agent.json")));
        assertThat(agent.at("/gateways/0").asText()).isEqualTo("10.0.2.2:4320");
        assertThat(agent.at("/caDigest").asText())
                .isEqualTo(Digest.of(new byte[] {1}).text());
        assertThat(agent.at("/deadlineStretch").asInt()).isEqualTo(3);
        assertThat(Files.readString(folder.resolve("installed"))).contains("gateways");
    }

    @Test
    void keepsATrustFileThatIsThere() throws Exception {
        Path etc = Files.createDirectories(root.resolve("etc/vmext"));
        Files.writeString(etc.resolve("trust.json"), "the owner's");

        Result result = run(seed().command());

        assertThat(result.exit).as(result.output).isZero();
        assertThat(Files.readString(etc.resolve("trust.json"))).isEqualTo("the owner's");
    }

    @Test
    void putsTheTokenIntoNoProcessArguments() {
        assertThat(seed().command()).doesNotContain("s3cr").doesNotContain("\n").endsWith("| base64 -d | gzip -d | sh");
    }

    @Test
    void rendersACloudConfigWithFilesAndTheirModes() throws Exception {
        String userData = seed().userData();

        assertThat(userData).startsWith("#cloud-config\n");
        JsonNode config =
                StrictJson.tree(userData.substring(userData.indexOf('\n')).getBytes(UTF_8));
        assertThat(config.at("/write_files/0/path").asText()).isEqualTo("/etc/vmext/agent.json");
        assertThat(config.at("/write_files/1/content").asText()).isEqualTo(TRUST);
        assertThat(config.at("/write_files/2/permissions").asText()).isEqualTo("0600");
        assertThat(config.at("/runcmd/0/1").asText())
                .isEqualTo(config.at("/write_files/3/path").asText());
        assertThat(seed().metaData()).isEqualTo("instance-id: " + ID + "\nlocal-hostname: web1\n");
    }

    private EnrolmentSeed seed() {
        return seed(digest());
    }

    private EnrolmentSeed seed(Digest agentDigest) {
        return new EnrolmentSeed(
                ID, "web1", "10.0.2.2:4320", Digest.of(new byte[] {1}), TRUST, new Secret("s3cr'et"), agentDigest, 3);
    }

    private Digest digest() {
        try {
            return Digest.of(Files.readAllBytes(archive));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private record Result(int exit, String output) {}

    private Result run(String script, String... environment) throws IOException, InterruptedException {
        Path file = folder.resolve("script.sh");
        Files.writeString(file, script);
        var builder = new ProcessBuilder("/bin/sh", file.toString()).redirectErrorStream(true);
        Map<String, String> variables = builder.environment();
        variables.clear();
        variables.put("PATH", programs.toString());
        variables.put("TMPDIR", folder.toString());
        variables.put("VMEXT_ROOT", root.toString());
        for (int i = 0; i < environment.length; i += 2) {
            variables.put(environment[i], environment[i + 1]);
        }
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private void program(String name, String body) throws IOException {
        Path file = programs.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static Path find(String tool) {
        var candidates = new ArrayList<>(Arrays.asList("/usr/bin/" + tool, "/bin/" + tool));
        return candidates.stream()
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow();
    }
}
