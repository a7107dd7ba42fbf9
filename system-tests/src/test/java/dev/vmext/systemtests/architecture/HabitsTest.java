package dev.vmext.systemtests.architecture;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import dev.vmext.systemtests.product.Repository;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What main code must not do, because a test could not step it by hand or an attacker could. */
class HabitsTest {
    /** Where the real world is plugged in: programs' Main classes and what they wire. */
    private static final DescribedPredicate<JavaClass> WIRING = DescribedPredicate.describe("wiring or tests", type -> {
        String top = type.getFullName().replaceFirst("\\$.*", "");
        return top.endsWith("Main")
                || top.endsWith("Wiring")
                // The agent's rehearsal at build time is a program of its own, with a control plane of its own to talk
                // to.
                || top.equals("dev.vmext.agent.Training")
                || type.getPackageName().equals("dev.vmext.agent.train")
                || type.getPackageName().startsWith("dev.vmext.systemtests")
                || type.getPackageName().startsWith("dev.vmext.testkit")
                || type.getPackageName().endsWith(".testing");
    });

    @Test
    void timeSleepChanceAndEnvironmentComeThroughTheConstructor() {
        noClasses()
                .that(DescribedPredicate.not(WIRING))
                .and()
                .areNotAssignableTo(Random.class) // a source of chance may call its own superclass
                .should()
                .callMethodWhere(calls(Instant.class, "now")
                        .or(calls(System.class, "currentTimeMillis"))
                        .or(calls(System.class, "getenv"))
                        .or(calls(Thread.class, "sleep"))
                        .or(calls(Math.class, "random"))
                        .or(calls(UUID.class, "randomUUID"))
                        .or(calls(Clock.class, "systemUTC"))
                        .or(calls(Clock.class, "systemDefaultZone"))
                        .or(calls(InstantSource.class, "system")))
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callConstructor(SecureRandom.class)
                .because("a test must be able to move the clock, fix the chance and set the environment")
                .check(ArrowsTest.HOUSE);
    }

    @Test
    void noJavaSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ObjectInputStream.class, ObjectOutputStream.class)
                .check(ArrowsTest.HOUSE);
    }

    @Test
    void everyPackageSaysWhatItIsAndIsNullMarked() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Path folder : sourceFolders()) {
            Path info = folder.resolve("package-info.java");
            if (!Files.exists(info)) {
                wrong.add(folder + " has no package-info.java");
                continue;
            }
            String text = Files.readString(info);
            if (!text.contains("@NullMarked")) {
                wrong.add(info + " is not @NullMarked");
            }
            if (!text.contains("/**")) {
                wrong.add(info + " does not say what the package is");
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Path> sourceFolders() throws Exception {
        List<Path> folders = new ArrayList<>();
        try (Stream<Path> all = Files.walk(Repository.ROOT)) {
            all.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .filter(file -> !file.toString().contains("/node_modules/"))
                    .map(Path::getParent)
                    .distinct()
                    .forEach(folders::add);
        }
        assertThat(folders).as("the walk finds the sources").hasSizeGreaterThan(20);
        return folders;
    }

    private static DescribedPredicate<JavaCall<?>> calls(Class<?> type, String method) {
        return target(owner(DescribedPredicate.describe(type.getName(), c -> c.isEquivalentTo(type))))
                .and(target(name(method)))
                .forSubtype();
    }
}
