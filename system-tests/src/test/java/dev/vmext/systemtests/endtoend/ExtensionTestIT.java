package dev.vmext.systemtests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import dev.vmext.testkit.FakeExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code vmext extension test} as a publisher runs it, with the built agent. */
class ExtensionTestIT {
    @TempDir
    Path folder;

    private Product.Said test(Object what, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("extension", "test", what.toString()));
        arguments.addAll(List.of(more));
        return Product.vmext(folder, "", arguments.toArray(String[]::new));
    }

    private Path settings(String json) throws Exception {
        return Files.writeString(folder.resolve("settings.json"), json);
    }

    @Test
    void theOfficialScriptExtensionPasses() throws Exception {
        Path zip;
        try (Stream<Path> found = Files.list(Product.DIST.resolve("extensions"))) {
            zip = found.filter(file -> file.getFileName().toString().startsWith("vmext.CustomScript"))
                    .findFirst()
                    .orElseThrow();
        }
        Product.Said said = test(
                zip,
                "--settings",
                settings("{\"script\": \"echo hello\"}").toString(),
                "--scenario",
                "status",
                "--scenario",
                "leftovers",
                "--scenario",
                "update");
        assertThat(said.exit()).as(said.all()).isZero();
        assertThat(said.out()).contains("ok       status", "ok       leftovers", "ok       update", "3 good.");
    }

    @Test
    void aBrokenOneSaysWhatIsWrongAndWhatToDo() throws Exception {
        Path broken = FakeExtension.writeTo(folder.resolve("broken"), "1.0.0");
        Product.Said said = test(
                broken,
                "--settings",
                settings("{\"installExit\": 9}").toString(),
                "--scenario",
                "install",
                "--output",
                "json");
        assertThat(said.exit()).as(said.all()).isEqualTo(1);
        JsonNode answer = new ObjectMapper().readTree(said.out());
        assertThat(answer.path("good").asBoolean()).isFalse();
        JsonNode result = answer.path("results").path(0);
        assertThat(result.path("outcome").asText()).isEqualTo("failed");
        assertThat(result.path("message").asText()).contains("exit code 9");
        assertThat(result.path("hint").asText()).isNotEmpty();
    }

    @Test
    void nothingOfItReachesThisComputerWhenItRunsApart() throws Exception {
        Path good = FakeExtension.writeTo(folder.resolve("good"), "1.0.0");
        String file = "/etc/vmext-rehearsal-" + ProcessHandle.current().pid();
        Product.Said said = test(
                good,
                "--settings",
                settings("{\"addFile\": \"" + file + "\", \"leaveBehind\": true}")
                        .toString(),
                "--scenario",
                "leftovers");
        if (said.out().contains("apart from this computer")) {
            assertThat(said.exit()).as(said.all()).isEqualTo(1);
            assertThat(said.out()).contains("files stay behind: " + file);
            assertThat(Path.of(file)).doesNotExist();
        } else {
            assertThat(said.out()).contains("ON THIS COMPUTER");
        }
    }

    @Test
    void whatIsNoExtensionIsRefused() throws Exception {
        assertThat(test(Repository.ROOT.resolve("docs")).exit()).isEqualTo(4);
        Product.Said said = test(FakeExtension.writeTo(folder.resolve("x"), "1.0.0"), "--scenario", "dance");
        assertThat(said.exit()).isNotZero();
        assertThat(said.all()).contains("there is no scenario dance");
    }
}
