package dev.vmext.packageformat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Checks that something is refused for the right reason and in words that name the thing. */
public final class Refusal {
    private Refusal() {}

    public static PackageException refused(PackageProblem kind, ThrowingCallable call) {
        PackageException problem = catchThrowableOfType(PackageException.class, call);
        assertThat(problem).as("it was not refused").isNotNull();
        assertThat(problem.kind()).as(problem.getMessage()).isEqualTo(kind);
        assertThat(problem.detail()).startsWith("cannot ");
        return problem;
    }
}
