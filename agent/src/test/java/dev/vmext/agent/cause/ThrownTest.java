package dev.vmext.agent.cause;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.vmext.protocol.status.CauseClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLHandshakeException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ThrownTest {
    private static Reason explained(Throwable thrown) {
        Reason reason = Thrown.explain(thrown).orElseThrow();
        assertThat(reason.hint()).isNotBlank();
        return reason;
    }

    @ParameterizedTest
    @EnumSource(Errno.class)
    void everyErrnoIsKnownInAFileSystemExceptionAndInAPlainOne(Errno errno) {
        Reason file = explained(new FileSystemException("/a/b", null, errno.text()));
        assertThat(file.kind()).isEqualTo(errno.kind());
        assertThat(file.evidence()).containsEntry("path", "/a/b").containsEntry("errno", errno.name());
        Reason plain = explained(new UncheckedIOException(new IOException(errno.text())));
        assertThat(plain.kind()).isEqualTo(errno.kind());
    }

    @Test
    void filesThatMayNotBeOpenedOrAreGoneAreNamed() {
        assertThat(explained(new AccessDeniedException("/etc/x")).kind()).isEqualTo(CauseClass.PERMISSION);
        assertThat(explained(new NoSuchFileException("/etc/x")).evidence())
                .containsEntry("path", "/etc/x")
                .containsEntry("errno", "ENOENT");
    }

    @Test
    void theInnermostReasonCounts() {
        ConnectException wrapped = new ConnectException();
        wrapped.initCause(new UnresolvedAddressException());
        assertThat(explained(new IOException("cannot connect", wrapped)).kind()).isEqualTo(CauseClass.DNS);
        SSLHandshakeException handshake = new SSLHandshakeException("General SSLEngine problem");
        handshake.initCause(new CertificateNotYetValidException("NotBefore: Tue Jan 01"));
        assertThat(explained(handshake).kind()).isEqualTo(CauseClass.CLOCK);
        SSLHandshakeException other = new SSLHandshakeException("x");
        other.initCause(new CertificateException("the gateway does not show the authority"));
        assertThat(explained(other).kind()).isEqualTo(CauseClass.TRUST);
    }

    @Test
    void networksHaveTheirOwnReasons() {
        assertThat(explained(new UnknownHostException("no.example: Name or service not known"))
                        .evidence())
                .containsEntry("host", "no.example");
        assertThat(explained(new ConnectException("Connection refused")).evidence())
                .containsEntry("errno", "ECONNREFUSED");
        assertThat(explained(new HttpConnectTimeoutException("x")).kind()).isEqualTo(CauseClass.NETWORK);
        assertThat(explained(new HttpTimeoutException("x")).kind()).isEqualTo(CauseClass.NETWORK);
        assertThat(explained(new SSLHandshakeException("Unsupported or unrecognized SSL message"))
                        .evidence())
                .containsEntry("protocol", "TLS");
    }

    @Test
    void aProgramThatCannotBeStartedSaysWhy(@TempDir Path temp) throws IOException {
        Path file = Files.writeString(temp.resolve("no-execute-bit"), "x");
        ThrowingCallable start = () -> new ProcessBuilder(file.toString()).start();
        assertThat(explained(catchThrowable(start)).kind()).isEqualTo(CauseClass.PERMISSION);
    }

    @Test
    void doesNotLoopOnCausesInACircle() {
        Exception one = new Exception("one");
        Exception two = new Exception("two", one);
        one.initCause(two);
        assertThat(Thrown.explain(one)).isEmpty();
    }
}
