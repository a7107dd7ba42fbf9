package dev.vmext.firewall;

import dev.vmext.extensionkit.Fields;
import dev.vmext.extensionkit.Settings;
import java.util.List;

/**
 * What the firewall should be, checked.
 *
 * @param controlPlanePorts none means: those that the agent uses
 * @param logDefault whether what no rule named is logged before it is dropped
 * @param confirmSeconds how long the control plane may take to answer under new rules; 0 means nobody asks
 * @param driftCheckSeconds time between two looks at what is loaded
 */
record FirewallSettings(
        boolean dropByDefault,
        boolean dropOutbound,
        boolean allowEstablished,
        boolean logDefault,
        List<Ports> controlPlanePorts,
        int confirmSeconds,
        int driftCheckSeconds,
        List<Rule> rules) {
    FirewallSettings {
        controlPlanePorts = Ports.joined(controlPlanePorts);
        rules = List.copyOf(rules);
    }

    static FirewallSettings from(Settings settings) {
        Fields fields = settings.publicFields();
        List<String> words = List.of("accept", "drop");
        boolean drop = fields.getWord("defaultInbound", "drop", words).equals("drop");
        boolean dropOutbound =
                fields.getWord("defaultOutbound", "accept", words).equals("drop");
        boolean established = fields.getBoolean("allowEstablished", true);
        boolean logDefault = fields.getBoolean("logDefault", false);
        List<Ports> controlPlane = RuleReader.ports(fields, "controlPlanePorts");
        if (fields.has("controlPlanePorts") && controlPlane.isEmpty()) {
            throw fields.problem("controlPlanePorts", "it is empty, which could cut the machine off");
        }
        int confirm = fields.getInt("confirmSec", 60, 0, 300);
        if (confirm > 0 && confirm < 10) {
            throw fields.problem("confirmSec", "it is less than 10 seconds; 0 switches the confirmation off");
        }
        int drift = fields.getInt("driftCheckSec", 30, 10, 3600);
        List<Rule> rules = RuleReader.rules(fields);
        fields.refuseUnknown();
        settings.protectedFields().refuseUnknown();
        return new FirewallSettings(drop, dropOutbound, established, logDefault, controlPlane, confirm, drift, rules);
    }

    long count(Rule.Direction direction) {
        return rules.stream().filter(r -> r.direction() == direction).count();
    }
}
