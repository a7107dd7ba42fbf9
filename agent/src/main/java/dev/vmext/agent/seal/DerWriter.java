package dev.vmext.agent.seal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;

/** Writes the few DER types that a certificate and a certificate request consist of (X.690). Pure. */
public final class DerWriter {
    static final int INTEGER = 0x02;
    static final int BIT_STRING = 0x03;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_ID = 0x06;
    static final int UTF8 = 0x0c;
    static final int SEQUENCE = 0x30;
    static final int SET = 0x31;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int FIRST_GENERALIZED_YEAR = 2050;

    private DerWriter() {}

    /** Any type: tag, length, and the parts one after another. */
    public static byte[] tagged(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        int length = content.size();
        if (length < 0x80) {
            out.write(length);
        } else {
            byte[] bytes = BigInteger.valueOf(length).toByteArray();
            int skip = bytes[0] == 0 ? 1 : 0;
            out.write(0x80 | (bytes.length - skip));
            out.write(bytes, skip, bytes.length - skip);
        }
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    public static byte[] sequence(byte[]... parts) {
        return tagged(SEQUENCE, parts);
    }

    public static byte[] set(byte[]... parts) {
        return tagged(SET, parts);
    }

    public static byte[] integer(BigInteger value) {
        return tagged(INTEGER, value.toByteArray());
    }

    public static byte[] bitString(byte[] content) {
        return tagged(BIT_STRING, new byte[] {0}, content);
    }

    public static byte[] octetString(byte[] content) {
        return tagged(OCTET_STRING, content);
    }

    public static byte[] nothing() {
        return tagged(NULL);
    }

    public static byte[] utf8(String text) {
        return tagged(UTF8, text.getBytes(StandardCharsets.UTF_8));
    }

    /** An object identifier written with dots. */
    public static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.", -1);
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.write(Integer.parseInt(arcs[0]) * 40 + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            long arc = Long.parseLong(arcs[i]);
            int shift = 0;
            while (arc >>> (shift + 7) != 0) {
                shift += 7;
            }
            for (; shift > 0; shift -= 7) {
                content.write((int) (0x80 | (arc >>> shift & 0x7f)));
            }
            content.write((int) (arc & 0x7f));
        }
        return tagged(OBJECT_ID, content.toByteArray());
    }

    /** A name with only a common name. */
    public static byte[] name(String commonName) {
        return sequence(set(sequence(oid("2.5.4.3"), utf8(commonName))));
    }

    /** UTCTime to 2049, then GeneralizedTime (RFC 5280 4.1.2.5). */
    public static byte[] time(Instant instant) {
        ZonedDateTime utc = instant.atZone(ZoneOffset.UTC);
        String rest = String.format(
                Locale.ROOT,
                "%02d%02d%02d%02d%02dZ",
                utc.getMonthValue(),
                utc.getDayOfMonth(),
                utc.getHour(),
                utc.getMinute(),
                utc.getSecond());
        boolean utcTime = utc.getYear() < FIRST_GENERALIZED_YEAR;
        String year =
                String.format(Locale.ROOT, utcTime ? "%02d" : "%04d", utcTime ? utc.getYear() % 100 : utc.getYear());
        return tagged(utcTime ? UTC_TIME : GENERALIZED_TIME, (year + rest).getBytes(StandardCharsets.US_ASCII));
    }
}
