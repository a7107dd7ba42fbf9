package dev.vmext.server.http;

import dev.vmext.fleet.FindingFilter;
import dev.vmext.fleet.Fleet;
import dev.vmext.protocol.api.FindingAcknowledge;
import dev.vmext.protocol.finding.FindingSeverity;
import dev.vmext.protocol.finding.FindingState;
import dev.vmext.protocol.problem.ProblemCode;
import dev.vmext.protocol.problem.ProblemException;
import dev.vmext.server.json.Suggestion;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** {@code .../findings}: what extensions, alerts and the control plane itself detected. */
final class FindingResource {
    private static final int LIMIT = 100;
    private static final int MAX_LIMIT = 1000;

    private final Fleet fleet;

    FindingResource(Fleet fleet) {
        this.fleet = fleet;
    }

    Answer list(Call call) {
        FindingFilter filter = new FindingFilter(
                call.query("machine").orElse(null),
                call.query("extension").orElse(null),
                call.query("installation").orElse(null),
                call.query("type").orElse(null),
                call.query("severity").map(FindingResource::severity).orElse(null),
                call.query("state").map(FindingResource::states).orElse(FindingFilter.ALL.states()),
                call.query("after").map(Fleet::findingsAfter).orElse(null));
        return Answer.ok(fleet.listFindings(call.path("project"), filter, call.query("limit", LIMIT, 1, MAX_LIMIT)));
    }

    private static FindingSeverity severity(String word) {
        return FindingSeverity.find(word)
                .orElseThrow(() -> unknown(
                        "severity",
                        word,
                        Arrays.stream(FindingSeverity.values())
                                .map(FindingSeverity::wire)
                                .toList()));
    }

    private static Set<FindingState> states(String words) {
        Set<FindingState> states = EnumSet.noneOf(FindingState.class);
        for (String word : words.split(",", -1)) {
            states.add(FindingState.find(word)
                    .orElseThrow(() -> unknown(
                            "state",
                            word,
                            Arrays.stream(FindingState.values())
                                    .map(FindingState::wire)
                                    .toList())));
        }
        return states;
    }

    private static ProblemException unknown(String parameter, String word, List<String> known) {
        return new ProblemException(
                ProblemCode.INVALID_VALUE,
                "cannot read query parameter " + parameter + ": there is no " + parameter + " \"" + Shown.text(word)
                        + "\"",
                Suggestion.sentence(word, known));
    }

    Answer show(Call call) {
        return Answer.ok(fleet.getFinding(call.path("project"), call.path("finding")));
    }

    Answer acknowledge(Call call) throws IOException {
        return Answer.ok(fleet.acknowledgeFinding(
                call.principal().actor(),
                call.path("project"),
                call.path("finding"),
                call.body(FindingAcknowledge.class)));
    }
}
