package dev.vmext.fleet.testing;

import dev.vmext.fleet.SettingsValidator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Understands of a schema only which property names it mentions and which it calls required, in the one-line form that tests write.
 * Holds nothing, any thread.
 */
public final class FakeSettingsValidator implements SettingsValidator {
    @Override
    public List<Fault> validate(String schema, Map<String, Object> settings) {
        List<Fault> faults = new ArrayList<>();
        String plain = schema.replaceAll("\\s", "");
        for (String key : settings.keySet()) {
            if (!plain.contains("\"" + key + "\":{")) {
                faults.add(new Fault("/" + key, "is not known", true, ""));
            }
        }
        int required = plain.indexOf("\"required\":[");
        if (required >= 0) {
            String list = plain.substring(plain.indexOf('[', required) + 1, plain.indexOf(']', required));
            for (String quoted : list.split(",", -1)) {
                String key = quoted.replace("\"", "");
                if (!key.isEmpty() && !settings.containsKey(key)) {
                    faults.add(new Fault("/" + key, "is missing", false, ""));
                }
            }
        }
        return faults;
    }
}
