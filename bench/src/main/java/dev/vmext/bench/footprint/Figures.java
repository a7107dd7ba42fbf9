package dev.vmext.bench.footprint;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** The rows of the comparison for one agent, by what they say. Not for several threads. */
final class Figures {
    static final String START = "start to first contact with its server";
    static final String ONLINE = "start to seen online by its server";
    static final String IDLE = "resident / proportional memory, idle after connecting, MiB";
    static final String CPU = "processor time while idle, % of a core";
    static final String AFTER_TEN = "the same after 10 installations and removals, MiB";
    static final String AFTER_TWENTY = "the same after 20, MiB";
    static final String FIRST = "request to the handler's first instruction";
    static final String OVERHEAD = "request to seen successful, less the handler's own time";
    static final String DISK = "on disk, MB";

    private final Properties rows = new Properties();

    void put(String row, String value) {
        rows.setProperty(row, value);
    }

    String get(String row) {
        return rows.getProperty(row, "-");
    }

    void write(Path file) throws IOException {
        try (Writer out = Files.newBufferedWriter(file)) {
            rows.store(out, null);
        }
    }

    static Figures read(Path file) throws IOException {
        Figures figures = new Figures();
        try (Reader in = Files.newBufferedReader(file)) {
            figures.rows.load(in);
        }
        return figures;
    }
}
