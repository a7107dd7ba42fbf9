package dev.vmext.systemtests.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may know whom. The picture is in ARCHITECTURE.md; this is what holds it. */
class ArrowsTest {
    static final JavaClasses HOUSE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.vmext");

    /** Each room with the rooms it may enter, itself included. */
    @ParameterizedTest(name = "{0} knows only {1}")
    @CsvSource({
        "protocol, protocol",
        "packageformat, packageformat",
        "extensionkit, extensionkit",
        "testkit, testkit",
        "fleet, fleet protocol packageformat",
        "agent, agent protocol packageformat",
        "cli, cli protocol packageformat",
        "server, server fleet protocol packageformat",
        "customscript, customscript extensionkit",
        "access, access extensionkit",
        "configuration, configuration extensionkit",
        "firewall, firewall extensionkit",
        "nodemetrics, nodemetrics extensionkit",
        "applicationhealth, applicationhealth extensionkit",
        "intrusiondetection, intrusiondetection extensionkit",
        "antivirus, antivirus extensionkit",
        "backup, backup extensionkit",
        "restore, restore extensionkit",
        "updates, updates extensionkit",
        "certificates, certificates extensionkit",
    })
    void anArrowThatIsNotDrawnDoesNotExist(String room, String allowed) {
        String[] rooms = List.of(allowed.split(" ")).stream()
                .map(name -> "dev.vmext." + name + "..")
                .toArray(String[]::new);
        ArchRule rule = noClasses()
                .that()
                .resideInAPackage("dev.vmext." + room + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("dev.vmext..").and(not(resideInAnyPackage(rooms))));
        rule.check(HOUSE);
    }

    @Test
    void everyRoomIsListedAbove() {
        classes()
                .should()
                .resideInAnyPackage(
                        "dev.vmext.protocol..",
                        "dev.vmext.packageformat..",
                        "dev.vmext.extensionkit..",
                        "dev.vmext.testkit..",
                        "dev.vmext.fleet..",
                        "dev.vmext.agent..",
                        "dev.vmext.cli..",
                        "dev.vmext.server..",
                        "dev.vmext.customscript..",
                        "dev.vmext.access..",
                        "dev.vmext.configuration..",
                        "dev.vmext.firewall..",
                        "dev.vmext.nodemetrics..",
                        "dev.vmext.applicationhealth..",
                        "dev.vmext.intrusiondetection..",
                        "dev.vmext.antivirus..",
                        "dev.vmext.backup..",
                        "dev.vmext.restore..",
                        "dev.vmext.updates..",
                        "dev.vmext.certificates..",
                        "dev.vmext.systemtests..",
                        "dev.vmext.bench..")
                .check(HOUSE);
    }

    /** The decisions are pure: a test runs ten thousand machines in one thread. */
    @Test
    void fleetAndTheAgentsPlannerDoNoInputOrOutputAndStartNoThread() {
        noClasses()
                .that()
                .resideInAnyPackage("dev.vmext.fleet..", "dev.vmext.agent.plan..")
                .and()
                .resideOutsideOfPackage("..testing..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.net..", "java.sql..", "java.nio.channels..", "java.util.concurrent..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.nio\\.file\\.(Files|FileSystems)|java\\.lang\\.(Thread|Process|ProcessBuilder|Runtime)")
                .check(HOUSE);
    }

    @Test
    void protocolAndPackageFormatNeedOnlyTheStreamingParser() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "dev.vmext.protocol..",
                        "dev.vmext.packageformat..",
                        "dev.vmext.agent..",
                        "dev.vmext.extensionkit..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "com.fasterxml.jackson.databind..",
                        "org.bouncycastle..",
                        "org.slf4j..",
                        "java.sql..",
                        "java.xml..",
                        "javax.xml..",
                        "java.desktop..")
                .check(HOUSE);
    }

    @Test
    void productionCodeUsesNoTestDoubles() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "..testing..", "dev.vmext.testkit..", "dev.vmext.systemtests..", "dev.vmext.bench..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.vmext..testing..", "dev.vmext.testkit..")
                .check(HOUSE);
    }

    @Test
    void noRoomHasANameThatSaysNothing() {
        noClasses()
                .should()
                .resideInAnyPackage(
                        "..util..",
                        "..utils..",
                        "..common..",
                        "..core..",
                        "..impl..",
                        "..helper..",
                        "..helpers..",
                        "..misc..")
                .check(HOUSE);
    }
}
