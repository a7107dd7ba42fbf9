package dev.vmext.server.http;

import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.CommandCreate;
import dev.vmext.protocol.api.CommandPiece;
import dev.vmext.protocol.api.CommandView;
import dev.vmext.protocol.api.Items;
import dev.vmext.protocol.exec.CommandPosition;
import dev.vmext.protocol.exec.CommandStart;
import dev.vmext.protocol.exec.CommandState;
import dev.vmext.protocol.exec.CommandStream;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.command.CommandOutputs;
import dev.vmext.server.json.StrictJson;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * {@code .../machines/{machine}/commands}: runs something once on a machine and streams what it writes as server-sent events, each
 * client on its own virtual thread with its own place in the output.
 */
final class CommandResource {
    private static final int CHUNK = 32 * 1024;
    private static final int MAX_CLIENTS = 512;

    private final Fleet fleet;
    private final CommandOutputs outputs;
    private final Duration heartbeat;
    private final Semaphore places = new Semaphore(MAX_CLIENTS);

    CommandResource(Fleet fleet, CommandOutputs outputs, Duration heartbeat) {
        this.fleet = fleet;
        this.outputs = outputs;
        this.heartbeat = heartbeat;
        fleet.onCommit((machines, events) -> {
            if (events.stream().anyMatch(event -> event.kind().equals("command"))) {
                outputs.wake();
            }
        });
    }

    Answer list(Call call) {
        return Answer.ok(new Items<>(fleet.listCommands(call.path("project"), call.path("machine"))));
    }

    Answer create(Call call) throws IOException {
        String project = call.path("project");
        String machine = call.path("machine");
        CommandView view = fleet.runCommand(call.principal().actor(), project, machine, call.body(CommandCreate.class));
        return Answer.created(view, "/v1/projects/" + project + "/machines/" + machine + "/commands/" + view.id());
    }

    Answer show(Call call) throws IOException {
        return Answer.ok(shown(find(call)));
    }

    Answer cancel(Call call) {
        return Answer.ok(fleet.cancelCommand(
                call.principal().actor(), call.path("project"), call.path("machine"), call.path("command")));
    }

    private CommandView find(Call call) {
        return fleet.getCommand(call.path("project"), call.path("machine"), call.path("command"));
    }

    /** While it runs, the lengths are those of what has come in. */
    private CommandView shown(CommandView view) throws IOException {
        if (terminal(view) || !CommandStart.validId(view.id())) {
            return view;
        }
        CommandPosition have = outputs.position(view.id(), false);
        return new CommandView(
                view.id(),
                view.project(),
                view.machine(),
                view.state(),
                view.scriptDigest(),
                view.interpreter(),
                view.user(),
                view.folder(),
                view.timeoutSeconds(),
                view.exitCode(),
                view.cause(),
                view.cancelling(),
                have.out(),
                have.err(),
                view.truncated(),
                view.createdBy(),
                view.createdAt(),
                view.expiresAt(),
                view.startedAt(),
                view.endedAt());
    }

    private static boolean terminal(CommandView view) {
        return CommandState.find(view.state()).map(CommandState::terminal).orElse(true);
    }

    Answer output(Call call) {
        find(call);
        boolean follow = call.query("follow", false);
        long out = call.query("out", 0, 0, Integer.MAX_VALUE);
        long err = call.query("err", 0, 0, Integer.MAX_VALUE);
        if (!places.tryAcquire()) {
            throw new ProblemException(
                    ProblemCode.SERVER_OVERLOADED,
                    "cannot stream output: " + MAX_CLIENTS + " clients listen already",
                    "Close some of them and try again.");
        }
        return new Answer.Stream("text/event-stream", Map.of("X-Accel-Buffering", "no"), stream -> {
            try {
                new Follower(call, stream, out, err).write(follow);
            } finally {
                places.release();
            }
        });
    }

    /** One client's place in the output of one command. */
    private final class Follower {
        private final Call call;
        private final OutputStream stream;
        private final Map<CommandStream, Long> at = new EnumMap<>(CommandStream.class);
        private String said = "";

        Follower(Call call, OutputStream stream, long out, long err) {
            this.call = call;
            this.stream = stream;
            at.put(CommandStream.OUT, out);
            at.put(CommandStream.ERR, err);
        }

        void write(boolean follow) throws IOException {
            while (true) {
                long seen = outputs.changes();
                // The state is read first: what was written before a command was over is then seen below.
                CommandView view = find(call);
                pieces(view);
                boolean over = terminal(view) || !follow || seen < 0;
                String state = view.state() + view.cancelling();
                if (over || !state.equals(said)) {
                    said = state;
                    send("event: command\ndata: " + json(shown(view)) + "\n\n");
                }
                if (over) {
                    return;
                }
                try {
                    outputs.await(seen, heartbeat);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("the server stops");
                }
                if (outputs.changes() == seen) {
                    send(": still here\n\n");
                }
            }
        }

        private void pieces(CommandView view) throws IOException {
            for (CommandStream which : CommandStream.values()) {
                for (byte[] bytes = read(view, which); bytes.length > 0; bytes = read(view, which)) {
                    CommandPiece piece = new CommandPiece(
                            which.wire(), place(which), Base64.getEncoder().encodeToString(bytes));
                    at.put(which, place(which) + bytes.length);
                    send("event: output\ndata: " + json(piece) + "\n\n");
                }
            }
        }

        private long place(CommandStream which) {
            return at.getOrDefault(which, 0L);
        }

        private byte[] read(CommandView view, CommandStream which) throws IOException {
            return outputs.read(view.id(), which, place(which), CHUNK);
        }

        private String json(Record body) {
            return new String(StrictJson.write(body), StandardCharsets.UTF_8);
        }

        private void send(String text) throws IOException {
            stream.write(text.getBytes(StandardCharsets.UTF_8));
            stream.flush();
        }
    }
}
