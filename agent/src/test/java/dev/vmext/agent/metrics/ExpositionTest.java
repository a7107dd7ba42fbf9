package dev.vmext.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.vmext.protocol.metrics.PrometheusText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpositionTest {
    private static final String TEXT = "text/plain; version=0.0.4";
    private static final String OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private static List<String> read(String text, String contentType) throws IOException {
        List<String> lines = new ArrayList<>();
        Exposition.read(
                new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
                contentType,
                1 << 20,
                (name, labels, kind, time, value) -> lines.add(kind + " " + name + new TreeMap<>(labels) + " "
                        + PrometheusText.number(value) + (time == null ? "" : " @" + time)));
        return lines;
    }

    @Test
    void readsWhatTheFormatsOwnDescriptionShows() throws IOException {
        assertThat(read("""
                # HELP http_requests_total The total number of HTTP requests.
                # TYPE http_requests_total counter
                http_requests_total{method="post",code="200"} 1027 1395066363000
                http_requests_total{method="post",code="400"}    3 1395066363000

                # Escaping in label values:
                msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

                # Minimalistic line:
                metric_without_timestamp_and_labels 12.47

                # A weird metric from before the epoch:
                something_weird{problem="division by zero"} +Inf -3982045

                # A histogram, which has a pretty complex representation in the text format:
                # HELP http_request_duration_seconds A histogram of the request duration.
                # TYPE http_request_duration_seconds histogram
                http_request_duration_seconds_bucket{le="0.05"} 24054
                http_request_duration_seconds_bucket{le="1"} 133988
                http_request_duration_seconds_bucket{le="+Inf"} 144320
                http_request_duration_seconds_sum 53423
                http_request_duration_seconds_count 144320

                # Finally a summary, which has a complex representation, too:
                # HELP rpc_duration_seconds A summary of the RPC duration in seconds.
                # TYPE rpc_duration_seconds summary
                rpc_duration_seconds{quantile="0.01"} 3102
                rpc_duration_seconds{quantile="1"} 76656
                rpc_duration_seconds_sum 1.7560473e+07
                rpc_duration_seconds_count 2693
                """, TEXT))
                .containsExactly(
                        "COUNTER http_requests_total{code=200, method=post} 1027 @1395066363000",
                        "COUNTER http_requests_total{code=400, method=post} 3 @1395066363000",
                        "GAUGE msdos_file_access_time_seconds{error=Cannot find file:\n\"FILE.TXT\", path=C:\\DIR\\FILE.TXT}"
                                + " 1458255915",
                        "GAUGE metric_without_timestamp_and_labels{} 12.47",
                        "GAUGE something_weird{problem=division by zero} +Inf @-3982045",
                        "COUNTER http_request_duration_seconds_bucket{le=0.05} 24054",
                        "COUNTER http_request_duration_seconds_bucket{le=1.0} 133988",
                        "COUNTER http_request_duration_seconds_bucket{le=+Inf} 144320",
                        "COUNTER http_request_duration_seconds_sum{} 53423",
                        "COUNTER http_request_duration_seconds_count{} 144320",
                        "GAUGE rpc_duration_seconds{quantile=0.01} 3102",
                        "GAUGE rpc_duration_seconds{quantile=1.0} 76656",
                        "COUNTER rpc_duration_seconds_sum{} 17560473",
                        "COUNTER rpc_duration_seconds_count{} 2693");
    }

    @Test
    void readsOpenMetrics() throws IOException {
        assertThat(read("""
                # TYPE acme_http_router_request_seconds summary
                # UNIT acme_http_router_request_seconds seconds
                acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
                # TYPE go_goroutines gauge
                go_goroutines 69 1395066363.5
                # TYPE requests counter
                requests_total 17.0 1520879607.789 # {trace_id="a b"} 1.0 1520879607.789
                requests_created 1520430000.123
                # TYPE foo histogram
                foo_bucket{le="0.1"} 8 # {} 0.054
                foo_bucket{le="+Inf"} 17
                # EOF
                """, OPEN))
                .containsExactly(
                        "COUNTER acme_http_router_request_seconds_sum{method=GET, path=/api/v1} 9036.32",
                        "GAUGE go_goroutines{} 69 @1395066363500",
                        "COUNTER requests_total{} 17 @1520879607789",
                        "GAUGE requests_created{} 1520430000.123",
                        "COUNTER foo_bucket{le=0.1} 8",
                        "COUNTER foo_bucket{le=+Inf} 17");
    }

    @Test
    void openMetricsThatAreCutOffAreRefused() {
        assertThatThrownBy(() -> read("a 1\n", OPEN)).hasMessageContaining("cut off");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "'a{} 1' | GAUGE a{} 1",
                "'a{b=\"c\",} 1' | GAUGE a{b=c} 1",
                "'a { b = \"c\" , d=\"e\" } 1' | GAUGE a{b=c, d=e} 1",
                "'\ta\t1\t5\t' | GAUGE a{} 1 @5",
                "'a{b=\"}\"} 1' | GAUGE a{b=}} 1",
                "'a{b=\"#\"} 1 # comment' | GAUGE a{b=#} 1",
                "'a{b=\"\\q\"} 1' | GAUGE a{b=\\q} 1",
                "'a{b=\"\"} 1' | GAUGE a{b=} 1",
                "'a nan' | GAUGE a{} NaN",
                "'a -inf' | GAUGE a{} -Inf",
                "'a Inf' | GAUGE a{} +Inf",
                "'a .5' | GAUGE a{} 0.5",
                "'a +1E3' | GAUGE a{} 1000",
                "'job:a:rate 1' | GAUGE job:a:rate{} 1",
                "'{\"http.status\",\"a.b\"=\"c\"} 1' | GAUGE http_status{a_b=c} 1",
                "'a{ä=\"x\"} 1' | ",
                "'ä 1' | ",
                "'a' | ",
                "'a{' | ",
                "'a{b} 1' | ",
                "'a{b=c} 1' | ",
                "'a{b=\"c} 1' | ",
                "'a{b=\"c\" d=\"e\"} 1' | ",
                "'a 1 2 3' | ",
                "'a 1 x' | ",
                "'a 0x10' | ",
                "'a 1d' | ",
                "'a 1_000' | ",
                "'{} 1' | ",
                "'<html>' | ",
                "'# TYPE' | ",
            })
    void readsOrRefusesOddLines(String line, String expected) throws IOException {
        if (expected != null) {
            assertThat(read(line, TEXT)).containsExactly(expected);
        } else {
            assertThatThrownBy(() -> read("ok 1\n" + line + "\n", TEXT))
                    .isInstanceOf(ExpositionException.class)
                    .hasMessageContaining("line 2: ");
        }
    }

    @Test
    void linesMayEndAsOnOtherSystemsOrNotAtAll() throws IOException {
        assertThat(read("a 1\r\nb 2", TEXT)).containsExactly("GAUGE a{} 1", "GAUGE b{} 2");
        assertThat(read("", TEXT)).isEmpty();
        assertThat(read("\n\n# nothing\n#\n", TEXT)).isEmpty();
    }

    @Test
    void limitsAreHeld() {
        assertThatThrownBy(() -> read("a 1\n".repeat(300_000), TEXT)).hasMessageContaining("larger than 1048576 bytes");
        assertThatThrownBy(() -> read("a{b=\"" + "x".repeat(Lines.MAX_LINE) + "\"} 1\n", TEXT))
                .hasMessageContaining("line 1 is longer than 65536 bytes");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3})
    void readsOrRefusesWhateverComes(long seed) {
        String valid = "# TYPE a histogram\na_bucket{le=\"0.1\",x=\"\\\\\\n\"} 1 5 # {t=\"1\"} 2\n{\"q\"} NaN\n# EOF\n";
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder(valid);
            for (int change = random.nextInt(1, 5); change > 0; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, valid.charAt(random.nextInt(valid.length())));
                    case 1 -> text.deleteCharAt(at);
                    default -> text.insert(at, (char) random.nextInt(0x250));
                }
            }
            try {
                read(text.toString(), random.nextBoolean() ? TEXT : OPEN);
            } catch (ExpositionException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            } catch (IOException | RuntimeException e) {
                fail("%s from %s", e, text);
            }
        }
    }
}
