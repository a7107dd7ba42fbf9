package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.packageformat.manifest.HandlerCommand;
import dev.vmext.protocol.status.RemovalReport;
import dev.vmext.protocol.status.RemovalReport.Item;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small Debian below a private root, changed as handlers change it. */
class InventoryTest {
    @TempDir
    Path root;

    private Path folder;
    private InventoryKeeper keeper;

    @BeforeEach
    void machine() throws Exception {
        write("etc/passwd", "root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n");
        write("etc/group", "root:x:0:\n");
        write("etc/hosts", "127.0.0.1 localhost\n");
        write("opt/there/file", "");
        write("etc/cron.d/old", "");
        write("etc/systemd/system/old.service", "");
        write("var/lib/dpkg/status", installed("base-files"));
        write("var/lib/dpkg/info/base-files.list", "/.\n/etc\n");
        folder = Files.createDirectories(root.resolve("var/lib/vmext/handlers/web"));
        keeper = new InventoryKeeper(root);
    }

    private static String installed(String name) {
        return "Package: " + name + "\nStatus: install ok installed\nVersion: 1\n\n";
    }

    private void write(String name, String text) throws Exception {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void delete(String name) throws Exception {
        Files.delete(root.resolve(name));
    }

    private interface Handler {
        void works() throws Exception;
    }

    private Optional<RemovalReport> run(HandlerCommand command, Handler handler, String... keeps) throws Exception {
        keeper.begins("web", command, folder);
        handler.works();
        return keeper.ended("web", command, folder, List.of(keeps));
    }

    /** What handlers leave: a unit, a product in one folder, data, a cron job, a user with a group, a package with files. */
    private void install() throws Exception {
        write("etc/systemd/system/web.service", "");
        write("opt/web/bin/web", "");
        write("opt/web/lib/deep/deeper", "");
        write("var/lib/web/data/db", "");
        write("etc/cron.d/web", "");
        write("etc/web.conf", "");
        write("etc/passwd", Files.readString(root.resolve("etc/passwd")) + "web:x:99:99::/:/bin/false\n");
        write("etc/group", Files.readString(root.resolve("etc/group")) + "web:x:99:\n");
        write("var/lib/dpkg/status", installed("base-files") + installed("libweb"));
        write("etc/libweb/libweb.conf", "");
        write("var/lib/dpkg/info/libweb:amd64.list", "/.\n/etc\n/etc/libweb\n/etc/libweb/libweb.conf\n");
        write("var/lib/dpkg/lock", "");
    }

    private static Item item(String kind, String name) {
        return new Item(kind, name);
    }

    @Test
    void saysWhatIsGoneWhatStaysByDeclarationAndWhatWasLeftBehind() throws Exception {
        run(HandlerCommand.INSTALL, this::install);
        run(HandlerCommand.ENABLE, () -> write("etc/web.local", ""));
        // A file that the machine's owner adds between two commands is nobody's.
        write("etc/owners.conf", "");
        RemovalReport report = run(
                        HandlerCommand.UNINSTALL,
                        () -> {
                            delete("etc/systemd/system/web.service");
                            delete("etc/cron.d/web");
                            write(
                                    "var/lib/dpkg/status",
                                    installed("base-files") + "Package: libweb\nStatus: deinstall ok config-files\n\n");
                            write("etc/group", "root:x:0:\n");
                        },
                        "/var/lib/web/data",
                        "/")
                .orElseThrow();
        assertThat(report.gone())
                .containsExactlyInAnyOrder(
                        item("unit", "web.service"), item("cron", "/etc/cron.d/web"), item("group", "web"));
        assertThat(report.kept()).containsExactly(item("folder", "/var/lib/web"));
        assertThat(report.left())
                .containsExactlyInAnyOrder(
                        item("folder", "/opt/web"),
                        item("file", "/etc/web.conf"),
                        item("file", "/etc/web.local"),
                        item("user", "web"),
                        item("package", "libweb (configuration)"));
    }

    @Test
    void anAgentRestartedInBetweenKnowsWhatWasThereBefore() throws Exception {
        keeper.begins("web", HandlerCommand.INSTALL, folder);
        install();
        keeper = new InventoryKeeper(root);
        keeper.resumed("web");
        assertThat(keeper.ended("web", HandlerCommand.INSTALL, folder, List.of()))
                .isEmpty();
        keeper = new InventoryKeeper(root);
        assertThat(run(HandlerCommand.UNINSTALL, () -> {}).orElseThrow().left())
                .contains(item("unit", "web.service"), item("user", "web"));
    }

    @Test
    void whatAppearedWhileAnotherOneWorkedMayBeItsOwn() throws Exception {
        Path other = Files.createDirectories(root.resolve("var/lib/vmext/handlers/other"));
        keeper.begins("web", HandlerCommand.INSTALL, folder);
        keeper.begins("other", HandlerCommand.ENABLE, other);
        write("etc/web.conf", "");
        keeper.ended("other", HandlerCommand.ENABLE, other, List.of());
        keeper.ended("web", HandlerCommand.INSTALL, folder, List.of());
        run(HandlerCommand.ENABLE, () -> write("etc/later.conf", ""));
        assertThat(run(HandlerCommand.UNINSTALL, () -> {}).orElseThrow().left())
                .as("the other one is still there and tells when it goes")
                .containsExactly(item("file", "/etc/later.conf"));
        Files.delete(folder.resolve(".inventory/added"));
        keeper.begins("other", HandlerCommand.UNINSTALL, other);
        assertThat(keeper.ended("other", HandlerCommand.UNINSTALL, other, List.of())
                        .orElseThrow()
                        .left())
                .containsExactly(item("file", "/etc/web.conf (shared)"));
    }

    @Test
    void withoutAnInstallThatWasSeenThereIsNoReport() throws Exception {
        assertThat(run(HandlerCommand.UNINSTALL, () -> {})).isEmpty();
    }

    @Test
    void anInventoryIsReadBackAndATornOneIsNone() throws Exception {
        MachineScan scan = new MachineScan(root);
        Path file = folder.resolve("before");
        Inventory.take(scan).write(file);
        write("etc/new", "");
        assertThat(Inventory.read(file).orElseThrow().added(scan))
                .extracting(Thing::name)
                .containsExactly("/etc/new");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 3));
        assertThat(Inventory.read(file)).isEmpty();
        Files.write(file, new byte[0]);
        assertThat(Inventory.read(file)).isEmpty();
    }

    @Test
    void namesWithLineBreaksAreKept() throws Exception {
        run(HandlerCommand.INSTALL, () -> write("etc/odd\nname\\n\there", ""));
        assertThat(run(HandlerCommand.UNINSTALL, () -> {}).orElseThrow().left())
                .containsExactly(item("file", "/etc/odd\nname\\n\there"));
    }
}
