package dev.vmext.bench.footprint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the stopwatch extension wrote down.
 *
 * @param begin of its first command, in milliseconds since 1970
 * @param ownTime all its commands took together, in milliseconds
 */
record Stopwatch(double begin, double ownTime) {
    static Stopwatch read(Path file) throws IOException {
        List<Double> stamps = Files.readAllLines(file).stream()
                .map(line -> Long.parseLong(line) / 1e6)
                .toList();
        double own = 0;
        for (int line = 0; line + 1 < stamps.size(); line += 2) {
            own += stamps.get(line + 1) - stamps.get(line);
        }
        return new Stopwatch(stamps.getFirst(), own);
    }
}
