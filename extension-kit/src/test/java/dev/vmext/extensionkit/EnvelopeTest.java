package dev.vmext.extensionkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvelopeTest {
    private static final String TEXT = "{\"token\":\"Grüße\"}";
    private static Envelopes machine;
    private static SettingsKey key;
    /** With a short key: thousands of envelopes are opened, and what is tried is how they are read. */
    private static Envelopes quick;

    private static SettingsKey quickKey;

    @TempDir
    private Path folder;

    @BeforeAll
    static void makeKeys() throws Exception {
        machine = new Envelopes();
        key = machine.key();
        quick = new Envelopes(1024);
        quickKey = quick.key();
    }

    @ParameterizedTest
    @ValueSource(strings = {"AES", "DESede"})
    void decryptsBothCiphersOfTheContract(String cipher) throws Exception {
        assertThat(open(machine.envelope(TEXT, cipher))).isEqualTo(TEXT);
    }

    @Test
    void decryptsContentInSeveralPiecesOfIndefiniteLength() throws Exception {
        Der whole = Der.parse(machine.envelope(TEXT, "AES"));
        Der data = whole.child(1, "").child(0, "");
        Der info = data.child(2, "");
        byte[] content = info.child(2, "").content();
        byte[] pieces = indefinite(
                0xa0,
                Envelopes.tlv(0x04, java.util.Arrays.copyOf(content, 5)),
                Envelopes.tlv(0x04, java.util.Arrays.copyOfRange(content, 5, content.length)));
        byte[] streamed = indefinite(
                0x30,
                whole.child(0, "").encoded(),
                indefinite(
                        0xa0,
                        indefinite(
                                0x30,
                                data.child(0, "").encoded(),
                                data.child(1, "").encoded(),
                                indefinite(
                                        0x30,
                                        info.child(0, "").encoded(),
                                        info.child(1, "").encoded(),
                                        pieces))));

        assertThat(open(streamed)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @CsvSource({"-aes256,cms", "-des3,cms", "-des3,smime", "-aes256,smime"})
    void decryptsWhatOpensslMakes(String cipher, String tool) throws Exception {
        assertThat(hasOpenssl()).as("openssl is installed; ./check installs it").isTrue();
        machine.writeTo(folder);
        Path plain = Files.writeString(folder.resolve("plain"), TEXT);
        Path out = folder.resolve("out");
        Path certificate = folder.resolve(machine.thumbprint + ".crt");
        run(
                "openssl",
                tool,
                "-encrypt",
                "-binary",
                "-outform",
                "DER",
                cipher,
                "-in",
                plain.toString(),
                "-out",
                out.toString(),
                certificate.toString());

        assertThat(open(Files.readAllBytes(out))).isEqualTo(TEXT);
    }

    @Test
    void opensslDecryptsWhatTheTestsMake() throws Exception {
        assertThat(hasOpenssl()).as("openssl is installed; ./check installs it").isTrue();
        machine.writeTo(folder);
        Path der = Files.write(folder.resolve("der"), machine.envelope(TEXT, "AES"));
        Path out = folder.resolve("out");
        run(
                "openssl",
                "cms",
                "-decrypt",
                "-inform",
                "DER",
                "-in",
                der.toString(),
                "-out",
                out.toString(),
                "-recip",
                folder.resolve(machine.thumbprint + ".crt").toString(),
                "-inkey",
                folder.resolve(machine.thumbprint + ".prv").toString());

        assertThat(out).hasContent(TEXT);
    }

    @Test
    void readsPrivateKeysInTheirOlderForm() throws Exception {
        machine.writeTo(folder);
        Path file = folder.resolve(machine.thumbprint + ".prv");
        Files.writeString(file, machine.pkcs1Pem());
        SettingsKey old = SettingsKey.read(folder.resolve(machine.thumbprint + ".crt"), file);

        assertThat(new String(Envelope.parse(machine.envelope(TEXT, "AES")).decrypt(old), StandardCharsets.UTF_8))
                .isEqualTo(TEXT);
    }

    @Test
    void refusesAnEnvelopeForAnotherCertificate() {
        byte[] aes = Envelopes.seq(Envelopes.oid("2.16.840.1.101.3.4.1.42"), Envelopes.tlv(0x04, new byte[16]));
        byte[] other = Envelopes.enveloped(
                Envelopes.NAME, BigInteger.TEN, new byte[256], aes, Envelopes.tlv(0x80, new byte[16]));

        assertThatThrownBy(() -> open(other))
                .isInstanceOf(EnvelopeException.class)
                .hasMessage("it is meant for another certificate");
    }

    @Test
    void refusesAnotherCipherByItsNumber() {
        byte[] aes128 = Envelopes.seq(Envelopes.oid("2.16.840.1.101.3.4.1.2"), Envelopes.tlv(0x04, new byte[16]));
        byte[] other = Envelopes.enveloped(
                Envelopes.NAME, Envelopes.SERIAL, new byte[256], aes128, Envelopes.tlv(0x80, new byte[16]));

        assertThatThrownBy(() -> open(other)).hasMessageContaining("2.16.840.1.101.3.4.1.2");
    }

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void damagedEnvelopesGiveACleanError(long seed) throws Exception {
        Random random = new Random(seed);
        byte[] good = quick.envelope(TEXT, random.nextBoolean() ? "AES" : "DESede");
        for (int i = 0; i < 400; i++) {
            byte[] bad = damage(good, random);
            try {
                open(bad, quickKey);
            } catch (EnvelopeException e) {
                assertThat(e).hasMessageNotContaining("Grüße");
            }
        }
    }

    @Test
    void everyTruncationGivesACleanError() throws Exception {
        byte[] good = machine.envelope(TEXT, "AES");
        for (int n = 0; n < good.length; n++) {
            byte[] cut = java.util.Arrays.copyOf(good, n);
            assertThatThrownBy(() -> open(cut)).isInstanceOf(EnvelopeException.class);
        }
    }

    @Test
    void refusesDeepNesting() {
        byte[] value = Envelopes.tlv(0x04);
        for (int i = 0; i < 40; i++) {
            value = Envelopes.seq(value);
        }
        byte[] deep = value;
        assertThatThrownBy(() -> Der.parse(deep)).hasMessageContaining("nested too deeply");
    }

    private static byte[] damage(byte[] good, Random random) {
        byte[] bad = good.clone();
        switch (random.nextInt(4)) {
            case 0 -> bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            case 1 -> bad[random.nextInt(Math.min(bad.length, 60))] ^= (byte) (1 << random.nextInt(8));
            case 2 -> bad = java.util.Arrays.copyOf(bad, random.nextInt(bad.length));
            default -> {
                int from = random.nextInt(bad.length);
                int n = random.nextInt(Math.min(8, bad.length - from) + 1);
                for (int i = 0; i < n; i++) {
                    bad[from + i] = (byte) (random.nextBoolean() ? 0x80 : 0xff);
                }
            }
        }
        return bad;
    }

    private static String open(byte[] der) {
        return open(der, key);
    }

    private static String open(byte[] der, SettingsKey with) {
        return new String(Envelope.parse(der).decrypt(with), StandardCharsets.UTF_8);
    }

    private static byte[] indefinite(int tag, byte[]... parts) {
        byte[] inner = Envelopes.tlv(tag, parts);
        int header = inner[1] >= 0 ? 2 : 2 + (inner[1] & 0x7f);
        byte[] out = new byte[inner.length - header + 4];
        out[0] = (byte) tag;
        out[1] = (byte) 0x80;
        System.arraycopy(inner, header, out, 2, inner.length - header);
        return out;
    }

    private static boolean hasOpenssl() {
        return Files.isExecutable(Path.of("/usr/bin/openssl"));
    }

    private static void run(String... command) throws Exception {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }
}
