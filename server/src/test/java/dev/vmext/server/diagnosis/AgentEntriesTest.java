package dev.vmext.server.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** A machine sends whatever it likes. */
class AgentEntriesTest {
    private final Map<String, String> copied = new TreeMap<>();

    private List<String> copy(byte[] agent) throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        List<String> leftOut;
        try (ZipOutputStream out = new ZipOutputStream(whole)) {
            out.putNextEntry(new ZipEntry("here.txt"));
            out.closeEntry();
            leftOut = AgentEntries.copy(agent, "machine/", out);
        }
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(whole.toByteArray()))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                copied.put(entry.getName(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return leftOut;
    }

    private static byte[] zip(String... names) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(("in " + name).getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void whatAnAgentPacksIsCopiedBelowTheFolder() throws Exception {
        assertThat(copy(zip("doctor.txt", "handlers/vmext.Fake/CommandExecution_a-b.log")))
                .isEmpty();
        assertThat(copied)
                .containsEntry("machine/doctor.txt", "in doctor.txt")
                .containsKey("machine/handlers/vmext.Fake/CommandExecution_a-b.log");
    }

    @Test
    void namesThatLeaveTheFolderAreLeftOut() throws Exception {
        List<String> leftOut = copy(zip("../up", "/etc/passwd", "a/../../up", "a\\b", "..", "good.txt"));
        assertThat(leftOut).hasSize(5);
        assertThat(copied).containsOnlyKeys("here.txt", "machine/good.txt");
    }

    @Test
    void whatGrowsWithoutEndIsCutOff() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("bomb"));
            zip.write(new byte[AgentEntries.MOST_BYTES + 1]);
            zip.closeEntry();
        }
        assertThat(copy(bytes.toByteArray())).hasSize(1).first().asString().contains("beyond");
        assertThat(copied).doesNotContainKey("machine/bomb");
    }

    @Test
    void whatIsNoZipIsSaidToBeNone() throws Exception {
        byte[] broken = zip("one.txt", "two.txt");
        broken[40] ^= 0x55;
        assertThat(copy(broken)).hasSize(1).first().asString().contains("broken");
        assertThat(copy("no zip at all".getBytes(StandardCharsets.UTF_8))).hasSize(1);
        assertThat(copied).containsOnlyKeys("here.txt");
    }
}
