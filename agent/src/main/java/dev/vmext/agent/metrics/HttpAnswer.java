package dev.vmext.agent.metrics;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * The head of an HTTP/1.1 answer and a body that ends where the head says. Used by one thread.
 *
 * @param body whole or an {@link EOFException}: an answer that breaks off is never taken for a short one
 */
record HttpAnswer(int status, String contentType, InputStream body) {
    private static final int MAX_HEAD = 16 << 10;

    static HttpAnswer read(InputStream from) throws IOException {
        BufferedInputStream in = new BufferedInputStream(from, 8192);
        int[] left = {MAX_HEAD};
        String[] first = line(in, left).split(" ", 3);
        if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-9][0-9]{2}")) {
            throw new IOException("it does not speak HTTP");
        }
        String contentType = "";
        String encoding = "";
        String transfer = "";
        long length = -1;
        for (String line = line(in, left); !line.isEmpty(); line = line(in, left)) {
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).strip();
            switch (colon < 0 ? "" : line.substring(0, colon).strip().toLowerCase(Locale.ROOT)) {
                case "content-type" -> contentType = value.toLowerCase(Locale.ROOT);
                case "content-encoding" -> encoding = value.toLowerCase(Locale.ROOT);
                case "transfer-encoding" -> transfer = value.toLowerCase(Locale.ROOT);
                case "content-length" -> length = length(value);
                default -> {
                    // nothing else matters here
                }
            }
        }
        if (!encoding.isEmpty() && !encoding.equals("identity")) {
            throw new IOException("it answers in the encoding " + encoding + ", which was not asked for");
        }
        InputStream body = transfer.equals("chunked") ? new Chunks(in) : length >= 0 ? new Counted(in, length) : in;
        return new HttpAnswer(Integer.parseInt(first[1]), contentType, body);
    }

    private static long length(String value) throws IOException {
        if (!value.matches("[0-9]{1,15}")) {
            throw new IOException("its Content-Length is no number");
        }
        return Long.parseLong(value);
    }

    private static String line(InputStream in, int[] left) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("the answer breaks off");
            }
            if (--left[0] < 0) {
                throw new IOException("the head of its answer is longer than " + MAX_HEAD + " bytes");
            }
            line.append((char) next);
        }
        if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
            line.setLength(line.length() - 1);
        }
        return line.toString();
    }

    /** A body of known length. */
    private static class Counted extends InputStream {
        private final InputStream in;
        private long left;

        Counted(InputStream in, long length) {
            this.in = in;
            this.left = length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (left == 0) {
                return -1;
            }
            int got = in.read(into, offset, (int) Math.min(length, left));
            if (got < 0) {
                throw new EOFException("the answer breaks off");
            }
            left -= got;
            return got;
        }
    }

    /** A body in chunks. */
    private static final class Chunks extends InputStream {
        private final InputStream in;
        private Counted chunk = new Counted(InputStream.nullInputStream(), 0);
        private boolean first = true;
        private boolean ended;

        Chunks(InputStream in) {
            this.in = in;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            while (!ended) {
                int got = chunk.read(into, offset, length);
                if (got >= 0) {
                    return got;
                }
                next();
            }
            return -1;
        }

        private void next() throws IOException {
            int[] left = {256};
            if (!first && !line(in, left).isEmpty()) {
                throw new IOException("its chunks have no ends");
            }
            first = false;
            String size = line(in, left);
            int semicolon = size.indexOf(';');
            String digits = (semicolon < 0 ? size : size.substring(0, semicolon)).strip();
            if (!digits.matches("[0-9a-fA-F]{1,8}")) {
                throw new IOException("the size of one of its chunks is no number");
            }
            long length = Long.parseLong(digits, 16);
            if (length == 0) {
                ended = true; // what may follow are headers that nobody needs
            }
            chunk = new Counted(in, length);
        }
    }
}
