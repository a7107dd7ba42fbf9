package dev.vmext.agent.cause;

import dev.vmext.protocol.status.CauseClass;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Recognises what an exception says about the world. It looks at the whole chain of causes from the inside: an unknown host wrapped
 * in a failed connection is an unknown host. Pure; any thread.
 */
public final class Thrown {
    /** Deeper chains are not made by the libraries that the agent uses. */
    private static final int DEEPEST = 12;

    private Thrown() {}

    /** Empty when nothing in the chain is known. */
    public static Optional<Reason> explain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable at = thrown; at != null && chain.size() < DEEPEST && !chain.contains(at); at = at.getCause()) {
            chain.add(at);
        }
        for (Throwable at : chain.reversed()) {
            Optional<Reason> reason = one(at);
            if (reason.isPresent()) {
                return reason;
            }
        }
        return Optional.empty();
    }

    private static Optional<Reason> one(Throwable thrown) {
        return switch (thrown) {
            case OutOfMemoryError memory ->
                Optional.of(new Reason(
                        CauseClass.MEMORY,
                        "the agent ran out of memory (" + memory.getMessage() + ")",
                        Map.of("process", "vmext-agent"),
                        "report it with the agent's log"));
            case FileSystemException file -> Optional.of(file(file));
            case CertificateNotYetValidException early -> Optional.of(clock(early, "is not valid yet"));
            case CertificateExpiredException late -> Optional.of(clock(late, "has expired"));
            case CertPathValidatorException path
            when path.getReason() == CertPathValidatorException.BasicReason.NOT_YET_VALID ->
                Optional.of(clock(path, "is not valid yet"));
            case CertPathValidatorException path
            when path.getReason() == CertPathValidatorException.BasicReason.EXPIRED ->
                Optional.of(clock(path, "has expired"));
            case CertificateException refused -> Optional.of(certificate(refused));
            case CertPathValidatorException refused -> Optional.of(certificate(refused));
            case UnknownHostException unknown -> Optional.of(dns(text(unknown)));
            case UnresolvedAddressException _ -> Optional.of(dns(null));
            case SSLException tls ->
                Optional.of(new Reason(
                        CauseClass.NETWORK,
                        "TLS failed (" + text(tls) + ")",
                        Map.of("protocol", "TLS", "exception", name(tls)),
                        "look at who answers there: another service on that port, or a proxy in between"));
            case HttpConnectTimeoutException timeout -> Optional.of(silent(timeout, "nobody answers at that address"));
            case HttpTimeoutException timeout -> Optional.of(silent(timeout, "no answer came in time"));
            case SocketTimeoutException timeout -> Optional.of(silent(timeout, "no answer came in time"));
            case NoRouteToHostException route ->
                Optional.of(network(route, "there is no route to that host", "EHOSTUNREACH"));
            case ConnectException connect -> connect(connect);
            case SocketException broken -> Optional.of(network(broken, text(broken), "ECONNRESET"));
            case ClosedChannelException closed ->
                Optional.of(network(closed, "the connection was closed", "ECONNRESET"));
            default -> said(thrown);
        };
    }

    /** Plain exceptions, whose only news is a text of the kernel: a failed write, a program that cannot be started. */
    private static Optional<Reason> said(Throwable thrown) {
        String message = thrown.getMessage();
        if (message == null) {
            return Optional.empty();
        }
        return Errno.in(message)
                .map(errno -> new Reason(errno.kind(), message, Map.of("errno", errno.name()), errno.hint()));
    }

    private static Reason file(FileSystemException failed) {
        Map<String, String> evidence = new TreeMap<>();
        String path = failed.getFile();
        if (path != null) {
            evidence.put("path", path);
        }
        if (failed.getOtherFile() != null) {
            evidence.put("otherPath", failed.getOtherFile());
        }
        String where = path == null ? "" : path + ": ";
        String reason = failed.getReason();
        Optional<Errno> errno = switch (failed) {
            case AccessDeniedException _ -> Optional.of(Errno.EACCES);
            default -> reason == null ? Optional.<Errno>empty() : Errno.in(reason);
        };
        if (errno.isPresent()) {
            evidence.put("errno", errno.get().name());
            return new Reason(
                    errno.get().kind(),
                    where + errno.get().text(),
                    evidence,
                    errno.get().hint());
        }
        return switch (failed) {
            case NoSuchFileException _ -> {
                evidence.put("errno", "ENOENT");
                yield new Reason(
                        CauseClass.DISK,
                        where + "No such file or directory",
                        evidence,
                        "somebody took it away while it was needed; ask for a rerun, and find out who deletes files there");
            }
            case FileAlreadyExistsException _ -> {
                evidence.put("errno", "EEXIST");
                yield new Reason(
                        CauseClass.DISK, where + "something with that name is there already", evidence, "move it away");
            }
            default ->
                new Reason(
                        CauseClass.DISK,
                        where + (reason == null ? name(failed) : reason),
                        evidence,
                        "look at free space and health of the disk");
        };
    }

    private static Reason clock(Exception thrown, String why) {
        return new Reason(
                CauseClass.CLOCK,
                "the other end's certificate " + why + " by this machine's clock (" + text(thrown) + ")",
                Map.of("exception", name(thrown)),
                "compare this machine's clock with the real time (timedatectl); if it is right, the control plane's "
                        + "certificate is not");
    }

    private static Reason certificate(Exception refused) {
        return new Reason(
                CauseClass.TRUST,
                "the other end's certificate is not accepted: " + text(refused),
                Map.of("protocol", "TLS", "exception", name(refused)),
                "compare caDigest in agent.json with \"vmext machine enroll-command\"; if they differ, it is another "
                        + "control plane, or somebody is in between");
    }

    private static Reason dns(@Nullable String host) {
        return new Reason(
                CauseClass.DNS,
                (host == null ? "the host's name" : host) + " has no address",
                host == null ? Map.of() : Map.of("host", host.replaceFirst(":.*", "")),
                "look at the name, and at the machine's name servers (/etc/resolv.conf, resolvectl status)");
    }

    private static Optional<Reason> connect(ConnectException connect) {
        String text = text(connect);
        return Optional.of(
                text.contains("refused")
                        ? network(connect, "the connection was refused", "ECONNREFUSED")
                        : text.contains("unreachable")
                                ? network(connect, "the network is unreachable", "ENETUNREACH")
                                : network(connect, text, "ETIMEDOUT"));
    }

    private static Reason network(Exception thrown, String text, String errno) {
        return new Reason(
                CauseClass.NETWORK,
                text,
                Map.of("errno", errno, "exception", name(thrown)),
                errno.equals("ECONNREFUSED")
                        ? "nothing listens there: look whether the service runs, at the port, and at firewalls"
                        : "look at the machine's network, its routes and firewalls");
    }

    private static Reason silent(Exception thrown, String text) {
        return new Reason(
                CauseClass.NETWORK,
                text,
                Map.of("errno", "ETIMEDOUT", "exception", name(thrown)),
                "look at firewalls that drop without an answer, at routes and at proxies");
    }

    private static String name(Throwable thrown) {
        return thrown.getClass().getSimpleName();
    }

    private static String text(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null || message.isBlank() ? name(thrown) : message;
    }
}
