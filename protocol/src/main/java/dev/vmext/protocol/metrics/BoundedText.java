package dev.vmext.protocol.metrics;

import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;

/**
 * Text that a regular expression may look at so often and no more: a bad expression needs more looks than there is time. Used for one
 * match.
 */
final class BoundedText implements CharSequence {
    private static final int LOOKS = 200_000;

    private final CharSequence text;
    private int left = LOOKS;

    BoundedText(CharSequence text) {
        this.text = text;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        if (left-- == 0) {
            throw new ProblemException(
                    ProblemCode.INVALID_VALUE,
                    "cannot match labels: the regular expression needs too many steps",
                    "write it without repetitions inside of repetitions");
        }
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.subSequence(start, end);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
