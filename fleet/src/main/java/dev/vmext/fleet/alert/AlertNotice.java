package dev.vmext.fleet.alert;

import java.util.List;

/**
 * One message about many alerts: all that a rule has to tell at one time in one project.
 *
 * @param fired that became alerts since the last message
 * @param resolved that ceased to be
 * @param firing those that were told before and still are
 */
public record AlertNotice(String project, String rule, List<Alert> fired, List<Alert> resolved, List<Alert> firing) {
    public AlertNotice {
        fired = List.copyOf(fired);
        resolved = List.copyOf(resolved);
        firing = List.copyOf(firing);
    }
}
