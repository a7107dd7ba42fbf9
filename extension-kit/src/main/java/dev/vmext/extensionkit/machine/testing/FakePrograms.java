package dev.vmext.extensionkit.machine.testing;

import dev.vmext.extensionkit.machine.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Programs that answer as a test says, and refuse what it did not foresee. An answer counts for every command that begins with
 * its words; the newest answer that fits decides, so that a test can change its mind. A program is known by its name, whatever
 * folder it is in. One thread.
 */
public final class FakePrograms implements Programs {
    private final List<Answer> answers = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();

    /** One run of a program: its name without its folder first. */
    public record Call(List<String> words, String input) {
        public Call {
            words = List.copyOf(words);
        }

        /** As typed: {@code systemctl enable --now a.service}. */
        public String text() {
            return String.join(" ", words);
        }
    }

    private record Answer(List<String> words, Function<Call, Result> work) {
        boolean fits(Call call) {
            return call.words().size() >= words.size()
                    && call.words().subList(0, words.size()).equals(words);
        }
    }

    /** Commands that begin with these words end well and say this. */
    public FakePrograms answer(String words, String output) {
        return answer(words, 0, output);
    }

    /** Commands that begin with these words end so. */
    public FakePrograms answer(String words, int exitCode, String output) {
        return answer(words, _ -> new Result(exitCode, output));
    }

    /** Commands that begin with these words do this. */
    public FakePrograms answer(String words, Function<Call, Result> work) {
        answers.addFirst(new Answer(List.of(words.split(" ")), work));
        return this;
    }

    /** There is no such program. */
    public FakePrograms withoutProgram(String name) {
        return answer(name, Result.MISSING, "Cannot run program: No such file or directory");
    }

    /** What was run, oldest first. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** What was run, as typed, oldest first. */
    public List<String> texts() {
        return calls.stream().map(Call::text).toList();
    }

    /** Forgets what was run, not the answers. */
    public void forgetCalls() {
        calls.clear();
    }

    @Override
    public Result run(Duration timeout, String input, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.set(0, words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1));
        Call call = new Call(words, input);
        calls.add(call);
        return answers.stream()
                .filter(a -> a.fits(call))
                .findFirst()
                .orElseThrow(() -> new AssertionError("unexpected program: " + call.text()))
                .work()
                .apply(call);
    }
}
