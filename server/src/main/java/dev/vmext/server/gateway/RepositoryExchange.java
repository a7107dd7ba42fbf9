package dev.vmext.server.gateway;

import dev.vmext.fleet.Fleet;
import dev.vmext.fleet.MachineRecord;
import dev.vmext.fleet.RepositoryAccess;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.repository.FileKind;
import dev.vmext.server.repository.FileName;
import dev.vmext.server.repository.RepositoryFiles;
import dev.vmext.server.repository.RepositoryPlace;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * {@code /v1/repositories/MACHINE/INSTALLATION/...}: restic's REST protocol, version 2 with version 1 beside it, for machines that may use
 * that repository in this moment. Files are added and read and never changed; of what was added only a lock can be deleted, by the
 * machine that brought it. Streams; one thread per request.
 */
final class RepositoryExchange {
    private static final String V1 = "application/vnd.x.restic.rest.v1";
    private static final String V2 = "application/vnd.x.restic.rest.v2";
    /** Who writes all before he reads the answer would see a broken connection in place of a refusal. */
    private static final long DRAIN = 64L << 20;

    private final Fleet fleet;
    private final RepositoryFiles files;

    RepositoryExchange(Fleet fleet, RepositoryFiles files) {
        this.fleet = fleet;
        this.files = files;
    }

    /**
     * Answers one request.
     *
     * @param path machine, installation, kind and name as the route's table let them through
     */
    void answer(MachineRecord machine, String path, Request request, Response response, Callback callback)
            throws IOException {
        String[] parts = path.split("/", -1);
        RepositoryPlace place = new RepositoryPlace(parts[0], parts[1]);
        RepositoryAccess access = fleet.repositoryAccess(machine.id(), place.machineId(), place.installation());
        if (access == RepositoryAccess.NONE) {
            // The same answer for one that is not there and one that is not for this machine.
            throw new ProblemException(
                    ProblemCode.REPOSITORY_NOT_FOUND,
                    "cannot open repository " + place + ": machine " + machine.name()
                            + " has no installation that uses it",
                    "install a package that declares gateway: repository, and wait until the machine has its goal");
        }
        String method = request.getMethod();
        try {
            if (parts[2].isEmpty()) {
                root(place, access, request, method, callback);
            } else if (parts.length == 4 && parts[3].isEmpty()) {
                list(place, kind(parts[2]), request, response, method, callback);
            } else {
                FileName file = new FileName(place, kind(parts[2]), parts.length == 4 ? parts[3] : "");
                file(machine, access, file, request, response, method, callback);
            }
        } catch (ProblemException e) {
            if (method.equals("POST")) {
                drain(request);
            }
            throw e;
        }
    }

    private static FileKind kind(String folder) {
        return FileKind.find(folder)
                .orElseThrow(() -> new IllegalStateException("the route lets " + folder + " through"));
    }

    private static void drain(Request request) {
        try {
            InputStream rest = Request.asInputStream(request);
            byte[] chunk = new byte[64 * 1024];
            long left = DRAIN;
            for (int read = rest.read(chunk); read >= 0 && left > 0; read = rest.read(chunk)) {
                left -= read;
            }
        } catch (IOException gone) {
            // Then it does not hear the refusal either.
        }
    }

    private void root(
            RepositoryPlace place, RepositoryAccess access, Request request, String method, Callback callback) {
        switch (method) {
            case "POST" -> {
                refuseReader(access, "make");
                if (!"create=true".equals(request.getHttpURI().getQuery())) {
                    throw new ProblemException(
                            ProblemCode.MALFORMED_REQUEST,
                            "cannot tell what to do with repository " + place,
                            "POST with create=true makes it");
                }
                files.create(place);
                callback.succeeded();
            }
            case "DELETE" ->
                throw RepositoryFiles.appendOnly("delete the repository", "it holds the machine's backups");
            default -> throw wrongMethod(method, "a repository");
        }
    }

    private static void refuseReader(RepositoryAccess access, String verb) {
        if (access != RepositoryAccess.APPEND) {
            throw RepositoryFiles.appendOnly(
                    verb + " the repository of another installation", "this machine may only restore from it");
        }
    }

    private void list(
            RepositoryPlace place, FileKind kind, Request request, Response response, String method, Callback callback)
            throws IOException {
        if (!method.equals("GET")) {
            throw method.equals("DELETE")
                    ? RepositoryFiles.appendOnly("delete all " + kind.folder(), "they belong to the backups")
                    : wrongMethod(method, "a list");
        }
        String accept = request.getHeaders().get(HttpHeader.ACCEPT);
        boolean sizes = accept != null && accept.contains(V2);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, sizes ? V2 : V1);
        // Names are hexadecimal digits, so that nothing in them needs quoting.
        try (Writer out = new BufferedWriter(
                new OutputStreamWriter(Content.Sink.asOutputStream(response), StandardCharsets.US_ASCII))) {
            out.write("[");
            boolean[] first = {true};
            files.list(place, kind, entry -> {
                out.write(first[0] ? "" : ",");
                first[0] = false;
                out.write(
                        sizes
                                ? "{\"name\":\"" + entry.name() + "\",\"size\":" + entry.size() + "}"
                                : "\"" + entry.name() + "\"");
            });
            out.write("]");
        } catch (IOException | UncheckedIOException e) {
            callback.failed(e);
            return;
        }
        callback.succeeded();
    }

    private void file(
            MachineRecord machine,
            RepositoryAccess access,
            FileName file,
            Request request,
            Response response,
            String method,
            Callback callback)
            throws IOException {
        switch (method) {
            case "GET", "HEAD" -> {
                OptionalLong size = files.size(file);
                if (size.isEmpty()) {
                    throw missing(file);
                }
                String tag = file.kind() == FileKind.CONFIG ? "config-" + size.getAsLong() : file.name();
                new Download("application/octet-stream", tag, size.getAsLong(), from -> files.open(file, from))
                        .send(request, response, callback);
            }
            case "POST" -> {
                // Who restores locks too, so that nothing is forgotten meanwhile.
                if (file.kind() != FileKind.LOCKS) {
                    refuseReader(access, "write into");
                }
                // Not closed here: what is refused is read to its end first.
                InputStream body = Request.asInputStream(request);
                files.add(file, body, request.getLength(), quota(file.place()), machine.id());
                callback.succeeded();
            }
            case "DELETE" -> {
                if (!files.deleteLock(file, machine.id())) {
                    throw missing(file);
                }
                response.setStatus(HttpStatus.OK_200);
                callback.succeeded();
            }
            default -> throw wrongMethod(method, "a file");
        }
    }

    private long quota(RepositoryPlace place) {
        return fleet.repositoryQuotaMiB(place.machineId(), place.installation()) * (1L << 20);
    }

    private static ProblemException missing(FileName file) {
        return new ProblemException(
                ProblemCode.REPOSITORY_FILE_NOT_FOUND,
                "cannot find " + file + " in repository " + file.place(),
                "list what there is, or make the repository first: restic init");
    }

    private static ProblemException wrongMethod(String method, String what) {
        return new ProblemException(
                ProblemCode.METHOD_NOT_ALLOWED,
                "cannot " + method + " " + what,
                "speak restic's REST protocol, version 1 or 2");
    }
}
