package dev.vmext.systemtests.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmext.systemtests.product.Product;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tokens, and what makes a shell complete. */
class AccessCommandsIT extends Desk {
    @Test
    void aTokenIsMadeUsedListedAndRevoked() throws Exception {
        Product.Said made = good("token", "create", "bob", "--may", "read");
        assertThat(made.err()).contains("shown this once");
        Path file = Files.writeString(folder.resolve("bob.token"), made.out());
        Path desk = Files.createDirectories(folder.resolve("bob"));
        Product.vmext(
                desk,
                "",
                "context",
                "add",
                "b",
                "--api",
                "http://127.0.0.1:" + plane.apiPort(),
                "--token-file",
                file.toString());
        assertThat(Product.vmext(desk, "", "machine", "list").out()).contains("m1");
        refused(Product.vmext(desk, "", "machine", "forget", "m1"), 4, "access-denied", "machine-write");
        refused(Product.vmext(desk, "", "token", "list"), 4, "access-denied", "access-write");
        refused(Product.vmext(desk, "", "extension", "withdraw", "vmext.Fake", "1.0.0"), 4, "access-denied");
        assertThat(good("token", "list").out())
                .contains("bob", "read")
                .doesNotContain(made.out().strip());
        String id = id("bob");
        assertThat(good("token", "revoke", id).out()).contains("revoked");
        refused(Product.vmext(desk, "", "machine", "list"), 4, "not-signed-in");
    }

    private String id(String holder) throws Exception {
        for (JsonNode token : json("token", "list")) {
            if (token.path("subject").asText().equals(holder)) {
                return token.path("id").asText();
            }
        }
        throw new AssertionError("there is no token of " + holder);
    }

    @Test
    void wrongTokensAreExplained() throws Exception {
        refused(vmext("token", "create", "eve", "--may", "fly"), 2, "invalid-value", "fly", "command-run");
        refused(vmext("token", "create", ""), 2, "invalid-name");
        refused(vmext("token", "revoke", "nosuch"), 3, "token-not-found", "nosuch");
        refused(vmext("token", "revoke", id("admin")), 4, "last-token");
    }

    @Test
    void bashCompletesVerbsOptionsAndTheNamesOfThings() throws Exception {
        good("install", "m1", "vmext.Fake", "--name", "there", "--wait");
        String command = good("run", "m1", "--detach", "--", "true").out().strip();
        Path bin = Files.createDirectories(folder.resolve("bin"));
        StringBuilder program = new StringBuilder("#!/bin/sh\nexec");
        Product.command().forEach(word -> program.append(" '").append(word).append('\''));
        Path vmext = Files.writeString(bin.resolve("vmext"), program + " \"$@\"\n");
        Files.setPosixFilePermissions(vmext, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = Files.writeString(
                folder.resolve("completion"), good("completion", "bash").out());
        assertThat(completed(script, bin, "vmext", "")).contains("run", "doctor", "command", "token");
        assertThat(completed(script, bin, "vmext", "installation", "cancel", ""))
                .contains("m1");
        assertThat(completed(script, bin, "vmext", "installation", "logs", "m1", ""))
                .contains("there");
        assertThat(completed(script, bin, "vmext", "run", "")).contains("m1");
        assertThat(completed(script, bin, "vmext", "doctor", "")).contains("m1");
        assertThat(completed(script, bin, "vmext", "machine", "bundle", "")).contains("m1");
        assertThat(completed(script, bin, "vmext", "command", "show", "m1", "")).contains(command);
        assertThat(completed(script, bin, "vmext", "extension", "withdraw", "vmext.Fake", ""))
                .contains("1.0.0");
        assertThat(completed(script, bin, "vmext", "token", "revoke", "")).contains(id("admin"));
        assertThat(completed(script, bin, "vmext", "run", "--det")).contains("--detach");
        assertThat(good("completion", "zsh").out()).contains("bashcompinit");
        assertThat(vmext("completion", "fish").exit()).isEqualTo(2);
    }

    private String completed(Path script, Path bin, String... words) throws Exception {
        StringBuilder line = new StringBuilder(". '" + script + "'\ncompopt() { :; }\nCOMP_WORDS=(");
        for (String word : words) {
            line.append(" '").append(word).append('\'');
        }
        line.append(")\nCOMP_CWORD=").append(words.length - 1).append("\n_vmext\necho \"${COMPREPLY[*]}\"\n");
        Map<String, String> environment = new HashMap<>(Product.environment(plane.home));
        environment.put("PATH", bin + ":" + System.getenv("PATH"));
        Product.Said said = Product.run(folder, "", 60, environment, List.of("bash", "-c", line.toString()));
        assertThat(said.exit()).as(said.all()).isZero();
        return said.out();
    }
}
