package dev.vmext.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmext.protocol.metrics.LabelMatcher;
import dev.vmext.protocol.metrics.MetricKind;
import dev.vmext.protocol.metrics.Sample;
import dev.vmext.protocol.metrics.SeriesKey;
import dev.vmext.server.metrics.engine.SqliteMetricStore;
import dev.vmext.server.metrics.testing.InMemoryMetricStore;
import dev.vmext.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every metric store promises, run on each of them; the real one also while it packs all the time, and opened anew all the time. */
class MetricStoreContractTest {
    private static final MetricRetention RETENTION =
            new MetricRetention(Duration.ofDays(3), Duration.ofDays(10), Duration.ofDays(30), 40);
    private static final SeriesKey LOAD = SeriesKey.of("node_load1", Map.of("installation", "metrics"));
    private static final SeriesKey IN = SeriesKey.of("net_bytes_total", Map.of("device", "eth0", "way", "in"));
    private static final SeriesKey OUT = SeriesKey.of("net_bytes_total", Map.of("device", "eth0", "way", "out"));

    @Nested
    class InMemory extends Contract {
        private final MetricStore store = new InMemoryMetricStore(RETENTION, clock);

        @Override
        MetricStore store() {
            return store;
        }
    }

    @Nested
    class InSqlite extends Contract {
        @TempDir
        Path folder;

        private MetricStore store;

        @BeforeEach
        void open() {
            store = SqliteMetricStore.open(folder, RETENTION, clock);
        }

        @Override
        MetricStore store() {
            return store;
        }
    }

    /** Between any two calls everything that can be packed is, and the store is opened anew. */
    @Nested
    class InSqlitePackedAndReopened extends Contract {
        @TempDir
        Path folder;

        private MetricStore store;

        @BeforeEach
        void open() {
            store = SqliteMetricStore.open(folder, RETENTION, clock);
        }

        @Override
        MetricStore store() {
            store.maintain(clock.instant().plus(Duration.ofHours(25)));
            store.close();
            store = SqliteMetricStore.open(folder, RETENTION, clock);
            return store;
        }
    }

    abstract static class Contract {
        final ManualClock clock = ManualClock.atNewYear();
        final long start = clock.millis();

        /** The store; asked for anew at every use. */
        abstract MetricStore store();

        @AfterEach
        void close() {
            store().close();
        }

        private Appended append(String machine, Sample... samples) {
            return store().append(machine, List.of(samples)).join();
        }

        private static Sample gauge(SeriesKey key, long time, double value) {
            return new Sample(key, MetricKind.GAUGE, time, value);
        }

        private static Sample counter(SeriesKey key, long time, double value) {
            return new Sample(key, MetricKind.COUNTER, time, value);
        }

        private long minute(int number) {
            return start + number * 60_000L;
        }

        private List<RangeSeries> range(String name, Window window, Fold fold, String... machines) {
            List<RangeSeries> all = new ArrayList<>();
            store().range(List.of(machines), SeriesSelector.named(name), window, fold, all::add);
            return all;
        }

        private Window minutes(int from, int steps, int step) {
            return new Window(minute(from), step * 60_000L, steps);
        }

        @Test
        void keepsTheNewestOfEverySeries() {
            append("m1", gauge(LOAD, minute(0), 0.25), counter(IN, minute(0), 10));
            append("m1", gauge(LOAD, minute(1), 0.5), counter(OUT, minute(1), 3));
            append("m2", gauge(LOAD, minute(1), 7));

            assertThat(store().newest(List.of("m1", "m2", "m3"), SeriesSelector.ALL))
                    .containsExactly(
                            new Newest("m1", IN, MetricKind.COUNTER, minute(0), 10),
                            new Newest("m1", OUT, MetricKind.COUNTER, minute(1), 3),
                            new Newest("m1", LOAD, MetricKind.GAUGE, minute(1), 0.5),
                            new Newest("m2", LOAD, MetricKind.GAUGE, minute(1), 7));
        }

        @Test
        void findsByNameAndLabels() {
            append("m1", gauge(LOAD, minute(0), 1), counter(IN, minute(0), 10), counter(OUT, minute(0), 20));

            assertThat(store().newest(
                                    List.of("m1"),
                                    SeriesSelector.named("net_bytes_total", LabelMatcher.parse("way=~o.t"))))
                    .extracting(Newest::value)
                    .containsExactly(20.0);
            assertThat(store().newest(
                                    List.of("m1"),
                                    new SeriesSelector(Optional.empty(), List.of(LabelMatcher.parse("device=")))))
                    .extracting(Newest::series)
                    .containsExactly(LOAD);
            assertThat(store().newest(List.of("m1"), SeriesSelector.named("nothing")))
                    .isEmpty();
        }

        @Test
        void storesABatchThatComesAgainOnce() {
            Sample[] batch = {gauge(LOAD, minute(0), 1), gauge(LOAD, minute(1), 2), counter(IN, minute(0), 5)};

            assertThat(append("m1", batch)).isEqualTo(new Appended(3, 0, 0, 0));
            assertThat(append("m1", batch)).isEqualTo(new Appended(0, 3, 0, 0));

            assertThat(range("node_load1", minutes(0, 1, 5), Fold.COUNT, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(2);
        }

        @Test
        void ignoresWhatIsNotNewerThanTheNewest() {
            append("m1", gauge(LOAD, minute(5), 1));

            assertThat(append("m1", gauge(LOAD, minute(3), 9), gauge(LOAD, minute(6), 2), gauge(LOAD, minute(6), 3)))
                    .isEqualTo(new Appended(1, 2, 0, 0));
            assertThat(range("node_load1", minutes(0, 10, 1), Fold.SUM, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN,
                            1,
                            2,
                            Double.NaN,
                            Double.NaN,
                            Double.NaN);
        }

        @Test
        void foldsTheSamplesOfAStep() {
            double[] values = {4, 1, 7, 2};
            for (int i = 0; i < values.length; i++) {
                append("m1", gauge(LOAD, minute(i), values[i]));
            }

            for (var expected : Map.of(
                            Fold.AVG,
                            3.5,
                            Fold.MIN,
                            1.0,
                            Fold.MAX,
                            7.0,
                            Fold.SUM,
                            14.0,
                            Fold.LAST,
                            2.0,
                            Fold.COUNT,
                            4.0)
                    .entrySet()) {
                assertThat(range("node_load1", minutes(0, 1, 5), expected.getKey(), "m1")
                                .getFirst()
                                .values())
                        .as("%s", expected.getKey())
                        .containsExactly(expected.getValue());
            }
        }

        @Test
        void aRateSurvivesACounterThatStartsAgain() {
            // 60 more each minute; after the fifth minute the program starts again and has counted 30 by the next
            // sample.
            double[] values = {100, 160, 220, 280, 340, 30, 90};
            for (int i = 0; i < values.length; i++) {
                append("m1", counter(IN, minute(i), values[i]));
            }

            assertThat(range("net_bytes_total", minutes(0, 7, 1), Fold.RATE, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(Double.NaN, 1, 1, 1, 1, 0.5, 1);
            assertThat(range("net_bytes_total", minutes(5, 1, 1), Fold.RATE, "m1")
                            .getFirst()
                            .values())
                    .as("what came before the window counts")
                    .containsExactly(0.5);
        }

        @Test
        void anEndedSeriesLeavesAGap() {
            append("m1", gauge(LOAD, minute(0), 1), Sample.end(LOAD, MetricKind.GAUGE, minute(1)));
            append("m1", counter(IN, minute(0), 60), Sample.end(IN, MetricKind.COUNTER, minute(1)));
            append("m1", counter(IN, minute(2), 600), counter(IN, minute(3), 660));

            assertThat(range("node_load1", minutes(0, 2, 1), Fold.LAST, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(1, Double.NaN);
            assertThat(store().newest(List.of("m1"), SeriesSelector.named("node_load1")))
                    .singleElement()
                    .matches(Newest::ended);
            assertThat(range("net_bytes_total", minutes(0, 4, 1), Fold.RATE, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(Double.NaN, Double.NaN, Double.NaN, 1);
        }

        @Test
        void keepsEveryBitOfAValue() {
            Random random = new Random(7);
            double[] values = new double[300];
            for (int i = 0; i < values.length; i++) {
                values[i] = switch (i % 6) {
                    case 0 -> Double.longBitsToDouble(random.nextLong() & 0x7fefffffffffffffL);
                    case 1 -> -0.0;
                    case 2 -> Double.POSITIVE_INFINITY;
                    case 3 -> random.nextInt();
                    case 4 -> random.nextInt(100_000) / 1000.0;
                    default -> Double.MIN_VALUE;
                };
                append("m1", gauge(LOAD, start + i * 1000L, values[i]));
            }

            assertThat(range("node_load1", new Window(start, 1000, values.length), Fold.LAST, "m1")
                            .getFirst()
                            .values())
                    .containsExactly(values);
        }

        @Test
        void answersAboutManyMachinesInOrder() {
            append("b", gauge(LOAD, minute(0), 2));
            append("a", gauge(LOAD, minute(0), 1));
            append("c", gauge(IN, minute(0), 3));

            assertThat(range("node_load1", minutes(0, 1, 1), Fold.LAST, "c", "b", "a"))
                    .extracting(RangeSeries::machine)
                    .containsExactly("a", "b");
            assertThat(store().machines()).containsExactlyInAnyOrder("a", "b", "c");
            assertThat(store().size().series()).isEqualTo(3);
        }

        @Test
        void refusesMoreSeriesThanAMachineMayHave() {
            List<Sample> many = new ArrayList<>();
            for (int i = 0; i < 45; i++) {
                many.add(gauge(SeriesKey.of("many", Map.of("n", "" + i)), minute(0), i));
            }

            assertThat(store().append("m1", many).join()).isEqualTo(new Appended(40, 0, 5, 0));
            assertThat(append("m1", gauge(SeriesKey.of("many", Map.of("n", "3")), minute(1), 1))
                            .stored())
                    .as("what it has goes on")
                    .isEqualTo(1);
            assertThat(append("m2", gauge(LOAD, minute(0), 1)).stored()).isEqualTo(1);
        }

        @Test
        void refusesWhatLiesInTheFutureOrIsTooOld() {
            assertThat(append(
                            "m1",
                            gauge(LOAD, start - Duration.ofDays(4).toMillis(), 1),
                            gauge(LOAD, minute(0), 1),
                            gauge(LOAD, minute(30), 1)))
                    .isEqualTo(new Appended(1, 0, 0, 2));
        }

        @Test
        void takesWhatAMachineGatheredWhileItWasAway() {
            append("m1", gauge(LOAD, minute(0), 0));
            clock.advance(Duration.ofHours(50));
            append("m2", gauge(LOAD, clock.millis(), 1));
            List<Sample> late = new ArrayList<>();
            for (int i = 1; i < 40; i++) {
                late.add(gauge(LOAD, minute(i * 60), i));
                late.add(counter(IN, minute(i * 60), i * 3600));
            }
            assertThat(store().append("m1", late).join().stored()).isEqualTo(late.size());

            assertThat(range("node_load1", new Window(start, 3_600_000, 40), Fold.MAX, "m1")
                            .getFirst()
                            .values())
                    .isEqualTo(IntStream.range(0, 40).asDoubleStream().toArray());
            double[] rates = range("net_bytes_total", new Window(start, 3_600_000, 40), Fold.RATE, "m1")
                    .getFirst()
                    .values();
            assertThat(Arrays.copyOfRange(rates, 2, 40)).containsOnly(1.0);
        }

        @Test
        void givesSingleSamples() {
            append("m1", gauge(LOAD, minute(0), 1), gauge(LOAD, minute(1), 2), gauge(LOAD, minute(2), 3));
            append("m2", gauge(LOAD, minute(9), 1));
            List<String> found = new ArrayList<>();

            store().samples(List.of("m1", "m2"), SeriesSelector.named("node_load1"), minute(1), minute(3), series -> {
                for (int i = 0; i < series.size(); i++) {
                    found.add(series.machine() + " " + (series.time(i) - start) + " " + series.value(i));
                }
            });

            assertThat(found).containsExactly("m1 60000 2.0", "m1 120000 3.0");
        }

        @Test
        void forgetsAMachine() {
            append("m1", gauge(LOAD, minute(0), 1));
            append("m2", gauge(LOAD, minute(0), 2));
            store().delete("m1").join();
            store().delete("never").join();

            assertThat(store().machines()).containsExactly("m2");
            assertThat(range("node_load1", minutes(0, 1, 1), Fold.LAST, "m1", "m2"))
                    .hasSize(1);
            assertThat(append("m1", gauge(LOAD, minute(0), 1)).stored())
                    .as("a new machine starts from nothing")
                    .isEqualTo(1);
        }

        @Test
        void dropsSamplesThatAreTooOld() {
            append("m1", gauge(LOAD, minute(0), 1));
            clock.advance(Duration.ofHours(73));
            append("m1", gauge(LOAD, clock.millis(), 2));
            clock.advance(Duration.ofHours(24));
            store().maintain(clock.instant());

            double[] values = range("node_load1", new Window(start, 60_000, 97 * 60 + 1), Fold.COUNT, "m1")
                    .getFirst()
                    .values();
            assertThat(values[73 * 60]).as("young enough").isEqualTo(1);
        }
    }
}
