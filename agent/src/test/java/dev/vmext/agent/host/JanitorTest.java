package dev.vmext.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.agent.config.Places;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JanitorTest {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

    @TempDir
    Path root;

    private Places places;
    private Path version;
    private Path logs;

    @BeforeEach
    void machine() {
        places = new Places(root);
        version = places.handler("web", "acme.Web", "1.0");
        logs = places.handlerLogs("acme.Web");
    }

    private Path file(Path file, int bytes, Duration age) throws Exception {
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[bytes]);
        return aged(file, age);
    }

    private static Path aged(Path file, Duration age) throws Exception {
        return Files.setLastModifiedTime(file, FileTime.from(NOW.minus(age)));
    }

    private static Duration days(int days) {
        return Duration.ofDays(days);
    }

    private int tidy() throws Exception {
        return new Janitor(places, () -> NOW)
                .tidy(new Janitor.InUse(Set.of("web-1-0"), Set.of(version), Set.of("acme.Web")));
    }

    @Test
    void logsOfAnExtensionStayWithinTheirLimitTheOldestGoFirst() throws Exception {
        file(logs.resolve("handler.log"), 20 << 20, days(0));
        file(logs.resolve("handler.log.1"), 25 << 20, days(1));
        Path old = file(logs.resolve("sub/handler.log.2"), 10 << 20, days(2));
        Path small = file(logs.resolve("other.log"), 1000, days(300));
        assertThat(tidy()).isEqualTo(1);
        assertThat(old).doesNotExist();
        assertThat(small).as("it fits beside the newer ones").exists();
    }

    @Test
    void aSingleHugeLogIsCutAndStaysWhereItsWriterWrites() throws Exception {
        byte[] line = "2026-11-30T12:00:00Z one line of a log that nobody rotates\n".getBytes(StandardCharsets.UTF_8);
        Path huge = logs.resolve("handler.log");
        Files.createDirectories(logs);
        byte[] lines = new byte[((50 << 20) / line.length + 1) * line.length];
        for (int at = 0; at < lines.length; at += line.length) {
            System.arraycopy(line, 0, lines, at, line.length);
        }
        Files.write(huge, lines);
        aged(huge, days(0));
        Object inode = Files.getAttribute(huge, "unix:ino");
        assertThat(tidy()).isEqualTo(1);
        assertThat(Files.size(huge))
                .as("the newer half, less the line that the cut went through")
                .isEqualTo((25L << 20) / line.length * line.length);
        assertThat(Files.getAttribute(huge, "unix:ino")).isEqualTo(inode);
    }

    @Test
    void logsOfAnExtensionThatIsGoneGoAfterAMonth() throws Exception {
        Path gone = file(places.handlerLogs("acme.Gone").resolve("a.log"), 10, days(31));
        Path recent = file(places.handlerLogs("acme.Recent").resolve("a.log"), 10, days(29));
        Path here = file(logs.resolve("a.log"), 10, days(300));
        assertThat(tidy()).isEqualTo(1);
        assertThat(gone).doesNotExist();
        assertThat(List.of(recent, here)).allMatch(Files::exists);
    }

    @Test
    void foldersThatNoEntryNamesGoAfterADay() throws Exception {
        Path used = places.run("web-1-0");
        Path left = places.run("web-0-9");
        Path fresh = places.run("web-2-0");
        Path failed = places.handler("web", "acme.Web", "2.0");
        for (Path folder : List.of(used, left, fresh, failed, version)) {
            file(folder.resolve("x"), 1, folder.equals(fresh) ? Duration.ofHours(1) : days(2));
            aged(folder, folder.equals(fresh) ? Duration.ofHours(1) : days(2));
        }
        file(places.installation("web").resolve(".usage"), 1, days(2));
        assertThat(tidy()).isEqualTo(2);
        assertThat(List.of(left, failed)).noneMatch(Files::exists);
        assertThat(List.of(used, fresh, version, places.installation("web").resolve(".usage")))
                .allMatch(Files::exists);
    }

    @Test
    void onlyTheNewestCoreFileStaysAndOnlyForAWeek() throws Exception {
        Path first = core("core.1", days(3));
        Path second = core("core.2", days(2));
        Path named = file(version.resolve("core"), 100, days(100)); // no core file at all
        assertThat(tidy()).isEqualTo(1);
        assertThat(first).doesNotExist();
        aged(second, days(8));
        assertThat(tidy()).isEqualTo(1);
        assertThat(second).doesNotExist();
        assertThat(named).exists();
    }

    private Path core(String name, Duration age) throws Exception {
        byte[] head = new byte[100];
        head[0] = 0x7f;
        head[1] = 'E';
        head[2] = 'L';
        head[3] = 'F';
        head[16] = 4;
        Path file = version.resolve("bin").resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, head);
        return aged(file, age);
    }

    @Test
    void theTwentyHighestSettingsOfEachNameStay() throws Exception {
        for (int i = 0; i < 25; i++) {
            file(version.resolve("config/" + i + ".settings"), 1, days(25 - i));
            file(version.resolve("config/named." + i + ".settings"), 1, days(i));
            file(version.resolve("status/" + i + ".status"), 1, days(0));
        }
        file(version.resolve("config/HandlerState"), 1, days(0));
        assertThat(tidy()).isEqualTo(15);
        assertThat(version.resolve("config/4.settings")).doesNotExist();
        assertThat(List.of("config/5.settings", "config/named.24.settings", "status/5.status", "config/HandlerState"))
                .allMatch(name -> Files.exists(version.resolve(name)));
    }

    @Test
    void whatAPackageDeclaresToKeepIsNeverTouched() throws Exception {
        Path failed = places.handler("web", "acme.Web", "2.0");
        file(failed.resolve("data/db"), 1, days(2));
        Files.writeString(
                failed.resolve("extension.json"),
                "{\"schemaVersion\": 1, \"name\": \"acme.Web\", \"version\": \"2.0\", \"displayName\": \"Web\", \"category\":"
                        + " \"management\", \"kind\": \"continuous\", \"scripts\": false, \"keepsOnUninstall\":"
                        + " [\"/var/lib/vmext/handlers/web/acme.Web-2.0/data\"]}");
        aged(failed.resolve("extension.json"), days(2));
        aged(failed.resolve("data"), days(2));
        aged(failed, days(2));
        assertThat(tidy()).isZero();
        Files.delete(failed.resolve("extension.json"));
        aged(failed, days(2));
        assertThat(tidy()).isEqualTo(1);
    }

    @Test
    void anEmptyMachineIsTidy() throws Exception {
        assertThat(tidy()).isZero();
    }
}
