package dev.vmext.systemtests.faults;

import dev.vmext.protocol.status.Cause;
import dev.vmext.protocol.status.CauseClass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was expected of each fault and what was said. Not thread-safe. */
final class Score {
    /**
     * One fault.
     *
     * @param right whether class and culprit are those expected and there is a hint
     */
    record Line(String fault, CauseClass expected, String culprit, String said, boolean right) {}

    private final List<Line> lines = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();

    /** The culprit must be named in the sentence or in the evidence. */
    void judge(String fault, CauseClass expected, String culprit, @Nullable Cause cause) {
        if (cause == null) {
            lines.add(new Line(fault, expected, culprit, "no cause at all", false));
            return;
        }
        boolean named = cause.message().contains(culprit)
                || cause.evidence().values().stream().anyMatch(value -> value.contains(culprit));
        boolean right = cause.kind() == expected && named && !cause.hint().isBlank();
        lines.add(new Line(
                fault,
                expected,
                culprit,
                cause.kind().wire() + ": " + cause.message() + " " + cause.evidence() + " -> " + cause.hint(),
                right));
    }

    /** The same for what is said in text only. */
    void judgeText(String fault, CauseClass expected, String culprit, String text) {
        boolean right = text.contains("[" + expected.wire() + "]") && text.contains(culprit) && text.contains("->");
        lines.add(new Line(fault, expected, culprit, text, right));
    }

    /** This machine cannot make that fault, so it does not count. */
    void skip(String fault, String why) {
        skipped.add(fault + " (" + why + ")");
    }

    long right() {
        return lines.stream().filter(Line::right).count();
    }

    int all() {
        return lines.size();
    }

    List<Line> wrong() {
        return lines.stream().filter(line -> !line.right()).toList();
    }

    /** For people. */
    String report() {
        StringBuilder text = new StringBuilder();
        for (Line line : lines) {
            text.append(line.right() ? "right  " : "WRONG  ")
                    .append(line.fault())
                    .append(" (")
                    .append(line.expected().wire())
                    .append(", ")
                    .append(line.culprit())
                    .append(")\n         ")
                    .append(line.said().replace("\n", "\n         "))
                    .append('\n');
        }
        skipped.forEach(one -> text.append("not made: ").append(one).append('\n'));
        text.append(right()).append(" of ").append(all()).append(" causes right\n");
        return text.toString();
    }
}
