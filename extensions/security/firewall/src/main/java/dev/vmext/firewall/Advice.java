package dev.vmext.firewall;

import java.util.ArrayList;
import java.util.List;

/** What is allowed and probably not meant. Pure. */
final class Advice {
    private static final int MOST = 20;

    private Advice() {}

    static List<String> about(FirewallSettings settings) {
        List<String> advice = new ArrayList<>();
        List<Rule> rules = settings.rules();
        for (int later = 0; later < rules.size() && advice.size() < MOST; later++) {
            Rule rule = rules.get(later);
            rules.subList(0, later).stream()
                    .filter(r -> r.covers(rule))
                    .findFirst()
                    .ifPresent(r -> advice.add("The rule " + rule.name() + " never decides: the rule " + r.name() + " ("
                            + Rule.word(r.action()) + ") before it fits all of its packets."));
        }
        boolean reachable = !settings.dropByDefault()
                || rules.stream().anyMatch(r -> r.direction() == Rule.Direction.IN && r.action() == Rule.Action.ACCEPT);
        if (!reachable) {
            advice.add("Nobody can connect to this machine, by SSH neither: no rule accepts inbound traffic.");
        }
        if (settings.confirmSeconds() == 0) {
            advice.add("confirmSec is 0: rules that cut the machine off would stay.");
        }
        return List.copyOf(advice);
    }
}
