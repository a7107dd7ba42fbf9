package dev.vmext.systemtests.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.systemtests.product.Guest;
import dev.vmext.systemtests.product.Product;
import dev.vmext.systemtests.product.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** agent/dependencies.txt is reviewed by people; this compares it with the agent as it ships. */
class AgentDependenciesIT {
    private static List<String[]> reviewed(String kind) throws Exception {
        return Files.readAllLines(Repository.ROOT.resolve("agent/dependencies.txt")).stream()
                .filter(line -> line.startsWith(kind + " "))
                .map(line -> line.split(" +", 3))
                .toList();
    }

    private static Set<String> names(String kind) throws Exception {
        return reviewed(kind).stream().map(line -> line[1]).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void jarsAreTheReviewedOnes() throws Exception {
        try (Stream<Path> files = Files.list(Guest.agentHome().resolve("lib"))) {
            Set<String> shipped = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".jar"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(shipped).isEqualTo(names("jar"));
        }
    }

    @Test
    void modulesOfTheRuntimeAreTheReviewedOnes() throws Exception {
        String modules = Files.readAllLines(Guest.agentHome().resolve("runtime/release")).stream()
                .filter(line -> line.startsWith("MODULES="))
                .findFirst()
                .orElseThrow();
        Set<String> shipped = new TreeSet<>(
                Arrays.asList(modules.replace("MODULES=", "").replace("\"", "").split(" ", -1)));
        assertThat(shipped).isEqualTo(names("module"));
    }

    @Test
    void packagesOfTheDistributionAreTheReviewedOnes() throws Exception {
        Product.Said said = Product.run(
                Product.DIST,
                "",
                60,
                Map.of(),
                List.of(
                        "dpkg-deb",
                        "-f",
                        Product.DIST.resolve("agent/linux-amd64.deb").toString(),
                        "Depends"));
        assertThat(said.exit()).as(said.all()).isZero();
        Set<String> declared = Arrays.stream(said.out().strip().split(", ", -1))
                .map(dependency -> dependency.split(" ", -1)[0])
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(declared).isEqualTo(names("package"));
    }

    @Test
    void everyLineHasAReason() throws Exception {
        for (String kind : List.of("jar", "module", "package")) {
            assertThat(reviewed(kind)).allSatisfy(line -> assertThat(line).hasSize(3));
        }
    }
}
