package dev.vmext.server.diagnosis;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Copies the zip that an agent sent into another one, below a folder. The machine may be anybody's: names that could leave that folder
 * are left out, and it may not grow beyond a limit when it is unpacked.
 */
final class AgentEntries {
    static final int MOST_BYTES = 16 << 20;
    static final int MOST_ENTRIES = 500;
    private static final Pattern NAME =
            Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._ @+-]*(/[A-Za-z0-9_][A-Za-z0-9._ @+-]*){0,8}");

    private AgentEntries() {}

    /** What was left out, and why. */
    static List<String> copy(byte[] agent, String folder, ZipOutputStream out) throws IOException {
        List<String> leftOut = new ArrayList<>();
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(agent), StandardCharsets.UTF_8)) {
            read(in, files, leftOut);
        } catch (IOException | IllegalArgumentException broken) {
            leftOut.add("the rest of what the machine sent: it is broken (" + broken.getMessage() + ")");
        }
        if (files.isEmpty() && leftOut.isEmpty()) {
            leftOut.add("what the machine sent: there is no file in it");
        }
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            out.putNextEntry(new ZipEntry(folder + file.getKey()));
            out.write(file.getValue());
            out.closeEntry();
        }
        return leftOut;
    }

    private static void read(ZipInputStream in, Map<String, byte[]> files, List<String> leftOut) throws IOException {
        int left = MOST_BYTES;
        for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            if (!NAME.matcher(entry.getName()).matches() || files.containsKey(entry.getName())) {
                leftOut.add("a file of the machine whose name is not allowed");
                continue;
            }
            if (files.size() >= MOST_ENTRIES) {
                leftOut.add("more than " + MOST_ENTRIES + " files of the machine");
                return;
            }
            byte[] content = in.readNBytes(left + 1);
            if (content.length > left) {
                leftOut.add("what the machine sent beyond " + MOST_BYTES + " bytes");
                return;
            }
            left -= content.length;
            files.put(entry.getName(), content);
        }
    }
}
