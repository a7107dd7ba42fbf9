package dev.vmext.antivirus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Json;
import dev.vmext.extensionkit.Status;
import dev.vmext.extensionkit.StatusText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the programs tell: the report, the status file made of it, and the metrics. */
final class ReportProgramsTest {
    @TempDir
    private Path folder;

    private Workshop shop;
    private Path status;

    @BeforeEach
    void aMachineThatWasScanned() throws Exception {
        shop = new Workshop(folder);
        shop.values("signatures.source package");
        status = Files.createDirectories(shop.root.resolve("status")).resolve("3.status");
        Files.writeString(shop.state.resolve("status-file"), status + "\n");
        Files.writeString(
                shop.state.resolve("scans/daily.result"),
                "outcome found\nbegun 1796040000\nended 1796040090\nfiles 1200\ninfected 2\nquarantined 1\nskipped 3\nunreadable 0\n");
        Files.writeString(shop.state.resolve("scans/totals"), "files 5000\ninfected 2\nclean 4\nfound 1\nfailed 1\n");
        Files.writeString(shop.state.resolve("db/own.hdb"), "x");
    }

    private Fields published() throws Exception {
        Workshop.Said said = shop.publish();
        assertThat(said.exit()).as(said.toString()).isZero();
        Json json = Json.parse(Files.readString(status));
        return Fields.of("status file", ((Json.Arr) json).items().getFirst()).getObject("status");
    }

    @Test
    void theReportIsAStatusWithOnePartForEachScan() throws Exception {
        Status read = StatusText.read(shop.run("report").out());
        assertThat(read.isFinal()).isTrue();
        assertThat(read.message()).contains("on-demand", "1 scheduled scan", "0 files in quarantine");
        assertThat(read.parts())
                .anySatisfy(part -> {
                    assertThat(part.name()).isEqualTo("scan-daily");
                    assertThat(part.message())
                            .contains(
                                    "found at 2026-", "1200 files in 90 s", "2 infected, 1 in quarantine, 3 too large");
                })
                .anySatisfy(part -> assertThat(part.message()).contains("db: own.hdb"));
    }

    @Test
    void theStatusFileSaysTheSameWhateverNamesFilesHave() throws Exception {
        shop.take(Files.writeString(shop.home.resolve("a \"quoted\" \\134 back\tslash\nand line"), "x"));
        // A name that is no UTF-8, which no Java string can hold: the item of another file gets it.
        String id = shop.take(Files.writeString(shop.home.resolve("raw"), "x"));
        Path meta = shop.item(id).resolve("meta");
        byte[] bytes = Files.readString(meta).replace("home/raw", "home/r~w").getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = bytes[i] == '~' ? (byte) 0xff : bytes[i];
        }
        Files.write(meta, bytes);
        Fields said = published();
        assertThat(said.getString("status")).isEqualTo("success");
        assertThat(said.getString("operation")).isEqualTo("Enable");
        assertThat(said.getList("substatus").toString()).contains("a \"quoted\" \\134 back?slash?and line", "home/rw");
    }

    @Test
    void aScanThatSomebodyWaitsForMakesTheStatusTransitioningUntilItEnds() throws Exception {
        Files.createDirectories(shop.conf.resolve("scans/on-demand"));
        Files.writeString(shop.state.resolve("on-demand"), "id x1\nstate running\n");
        Files.writeString(shop.state.resolve("scans/on-demand.progress"), "begun 1796040000\nscanned 40\nof 100\n");
        Fields running = published();
        assertThat(running.getString("status")).isEqualTo("transitioning");
        assertThat(running.getObject("formattedMessage").getString("message")).contains("Scan x1", "40 of 100 files");

        Files.delete(shop.state.resolve("scans/on-demand.progress"));
        Files.writeString(shop.state.resolve("on-demand"), "id x1\nstate failed\n");
        Files.writeString(
                shop.state.resolve("scans/on-demand.result"), "outcome failed\nended 1796040000\nwhy no memory\n");
        Fields failed = published();
        assertThat(failed.getString("status")).isEqualTo("error");
        assertThat(failed.getObject("formattedMessage").getString("message"))
                .isEqualTo("cannot finish the scan x1: no memory");
    }

    @Test
    void nothingIsPublishedWhileTheExtensionIsDisabled() throws Exception {
        Files.delete(shop.state.resolve("status-file"));
        assertThat(shop.publish().exit()).isZero();
        assertThat(status).doesNotExist();
    }

    @Test
    void metricsAreOneHttpAnswerInTheTextFormat() throws Exception {
        String answer =
                shop.ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "metrics").out();
        String[] halves = answer.split("\r\n\r\n", 2);
        assertThat(halves[0]).startsWith("HTTP/1.1 200 OK\r\n").contains("Content-Length: " + halves[1].length());
        assertThat(halves[1])
                .contains(
                        "vmext_antivirus_files_scanned_total 5000\n",
                        "vmext_antivirus_scans_total{outcome=\"failed\"} 1\n",
                        "vmext_antivirus_last_scan_timestamp_seconds{scan=\"daily\"} 1796040090\n",
                        "vmext_antivirus_last_scan_duration_seconds{scan=\"daily\"} 90\n",
                        "vmext_antivirus_last_scan_infected{scan=\"daily\"} 2\n",
                        "vmext_antivirus_scan_running{scan=\"daily\"} 0\n",
                        "vmext_antivirus_quarantine_files 0\n")
                .containsPattern("vmext_antivirus_signatures_age_seconds [0-9]+\n");
        List<String> lines = halves[1].lines().toList();
        assertThat(lines)
                .allMatch(l -> l.matches("# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\\{[a-z]+=\"[a-z0-9-]+\"\\})? [0-9]+"));
    }

    @Test
    void otherRequestsAreRefused() throws Exception {
        assertThat(shop.ask("GET / HTTP/1.1\r\n\r\n", "metrics").out()).startsWith("HTTP/1.1 404 ");
        assertThat(shop.ask("POST /metrics HTTP/1.1\r\n\r\n", "metrics").out()).startsWith("HTTP/1.1 405 ");
        assertThat(shop.ask("", "metrics").out()).isEmpty();
    }

    @Test
    void aScanThatWasEndedFromOutsideIsAFindingAndOneThatWasStoppedIsNot() throws Exception {
        Files.writeString(shop.state.resolve("scans/daily.progress"), "begun 1\nscanned 1\nof 2\n");
        assertThat(shop.run("scan-ended", "daily").exit()).isZero();
        assertThat(shop.told()).contains("\"type\":\"scan-failed\"", "\"subject\":\"daily\"");
        assertThat(Files.readString(shop.state.resolve("scans/daily.result"))).contains("outcome failed");
        assertThat(shop.state.resolve("scans/daily.progress")).doesNotExist();
    }

    @Test
    void theAgeOfSignaturesComesFromTheContainersOwnWords() throws Exception {
        Files.writeString(
                shop.state.resolve("db/daily.cvd"),
                "ClamAV-VDB:01 Jan 2027 08-00 +0000:27000:2000000:90:x:y:builder:1798790400" + " ".repeat(400));
        assertThat(shop.run("report").out()).contains("signatures of 2027-01-01T08:00:00Z");
    }
}
