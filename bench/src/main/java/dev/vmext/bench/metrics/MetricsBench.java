package dev.vmext.bench.metrics;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * A month of samples into the store and into Prometheus: samples a second, bytes a sample, and how long questions about the month take.
 * Arguments: machines (5), series of each (20), days (30), senders (4).
 */
@SuppressWarnings("try") // close waits for a process, which may be interrupted
public final class MetricsBench {
    private static final long MINUTE = 60_000;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;
    /** A day's first moment in 2026. */
    private static final long START = 1_767_225_600_000L;
    /** Scrapes of one batch: ten minutes. */
    private static final int TOGETHER = 10;

    private static final int QUESTIONS = 15;

    private final int machines;
    private final int series;
    private final int days;
    private final int senders;

    private MetricsBench(int machines, int series, int days, int senders) {
        this.machines = machines;
        this.series = series;
        this.days = days;
        this.senders = senders;
    }

    public static void main(String[] arguments) throws Exception {
        new MetricsBench(
                        argument(arguments, 0, 5),
                        argument(arguments, 1, 20),
                        argument(arguments, 2, 30),
                        argument(arguments, 3, 4))
                .run(System.out);
    }

    private static int argument(String[] arguments, int at, int byDefault) {
        return arguments.length > at ? Integer.parseInt(arguments[at]) : byDefault;
    }

    private long end() {
        return START + days * DAY;
    }

    private void run(PrintStream out) throws Exception {
        Path folder = Files.createTempDirectory("vmext-bench-metrics");
        out.println("| A month of metrics: " + machines + " machines, " + series + " series each, a sample a minute, "
                + days + " days, " + (long) machines * series * days * 1440
                + " samples | stored/s | packed and stored/s |"
                + " bytes a sample | month by hours, one series | month by 7 minutes, one series | resident |");
        out.println("|---|---|---|---|---|---|---|");
        try (OurStore ours = new OurStore(folder.resolve("vmext"), end())) {
            measure(ours, ours::maintain, out);
        }
        try (Prometheus prometheus = new Prometheus(Files.createDirectories(folder.resolve("prometheus")))) {
            measure(prometheus, () -> {}, out);
        }
        delete(folder);
    }

    private void measure(Target target, Runnable everyDay, PrintStream out) throws Exception {
        long begin = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
            List<Workload> all = new ArrayList<>();
            for (int machine = 0; machine < machines; machine++) {
                all.add(new Workload(machine, series, START));
            }
            // Day by day, so that no machine is far ahead of another: nobody's time goes backwards.
            for (int batch = 0; batch < days * 1440 / TOGETHER; batch += 6) {
                List<Future<?>> sent = new ArrayList<>();
                for (Workload machine : all) {
                    sent.add(threads.submit(() -> {
                        for (int i = 0; i < 6; i++) {
                            target.send(machine.machine(), machine.next(TOGETHER));
                        }
                        return true;
                    }));
                }
                for (Future<?> one : sent) {
                    one.get();
                }
                if (batch % (1440 / TOGETHER) == 0) {
                    everyDay.run();
                }
            }
        }
        double stored = seconds(begin);
        long resident = target.resident();
        target.settle();
        double settled = target instanceof Prometheus ? Double.NaN : seconds(begin);
        long samples = (long) machines * series * days * 1440;
        String hours = questions(target, HOUR);
        String minutes = questions(target, 7 * MINUTE);
        out.println("| " + target.name() + " | " + text("%.0f", samples / stored) + " | "
                + (Double.isNaN(settled) ? "by itself" : text("%.0f", samples / settled)) + " | "
                + text("%.2f", size(target.data()) / (double) samples) + " | " + hours + " | " + minutes + " | "
                + resident
                + " MiB |");
    }

    private String questions(Target target, long step) throws Exception {
        List<Double> took = new ArrayList<>();
        for (int i = 0; i < QUESTIONS; i++) {
            // In pieces that Prometheus answers: it gives at most 11,000 points.
            long begin = System.nanoTime();
            int found = target.mean("machine-" + i % machines, i % series, START, end(), step);
            took.add(seconds(begin) * 1000);
            if (found < (end() - START) / step - 2) {
                throw new IllegalStateException(target.name() + " answered with " + found + " steps only");
            }
        }
        took.sort(Double::compare);
        return text("%.1f ms", took.get(QUESTIONS / 2));
    }

    private static double seconds(long begin) {
        return Duration.ofNanos(System.nanoTime() - begin).toNanos() / 1e9;
    }

    private static String text(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(MetricsBench::fileSize)
                    .sum();
        }
    }

    private static long fileSize(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}
