package dev.vmext.agent.run;

import dev.vmext.packageformat.manifest.ProbeCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * One question of a probe over HTTP. The time is for the whole answer: who sends a byte now and then does not hold a probe for ever, nor
 * does an expression that would look for hours. Any thread.
 */
record WebQuestion(ProbeCheck.Http check, Duration timeout) {
    private static final int BODY = 64 << 10;

    /** Why the answer is not a healthy one, without a word of what was sent; empty when it is. */
    Optional<String> ask() throws IOException, InterruptedException {
        // The plain client of java.base: an HttpClient would keep threads and half a megabyte for a question per half
        // minute.
        HttpURLConnection connection = (HttpURLConnection) check.url().toURL().openConnection(java.net.Proxy.NO_PROXY);
        FutureTask<Optional<String>> asking = new FutureTask<>(() -> ask(connection));
        try {
            Thread.ofVirtual().name("probe").start(asking);
            return asking.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            return Optional.of("it did not answer within " + timeout.toSeconds() + " s");
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof IOException known ? known : new IOException(failed.getCause());
        } finally {
            asking.cancel(true);
            connection.disconnect();
        }
    }

    private Optional<String> ask(HttpURLConnection connection) throws IOException {
        connection.setConnectTimeout(Math.toIntExact(timeout.toMillis()));
        connection.setReadTimeout(Math.toIntExact(timeout.toMillis()));
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod(check.method());
        check.headers().forEach(connection::setRequestProperty);
        int status = connection.getResponseCode();
        if (check.statuses().stream().noneMatch(codes -> codes.has(status))) {
            return Optional.of("it answered " + status + " instead of "
                    + String.join(
                            " or ",
                            check.statuses().stream().map(String::valueOf).toList()));
        }
        if (check.bodyMatch().isEmpty()) {
            return Optional.empty();
        }
        try (InputStream in = status >= 400 ? connection.getErrorStream() : connection.getInputStream()) {
            String body = in == null ? "" : new String(in.readNBytes(BODY), StandardCharsets.UTF_8);
            return Pattern.compile(check.bodyMatch())
                            .matcher(new Interruptible(body))
                            .find()
                    ? Optional.empty()
                    : Optional.of("its answer does not contain " + check.bodyMatch());
        } catch (StackOverflowError tooDeep) {
            return Optional.of(
                    "its answer cannot be searched for " + check.bodyMatch() + ": the expression nests too deeply");
        }
    }

    /** A text in which looking ends when nobody waits for it any more. */
    private record Interruptible(String text) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("nobody waits for it any more");
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Interruptible(text.substring(start, end));
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
