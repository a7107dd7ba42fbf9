package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;

/** Names of the custom capabilities a side has, all of them. */
public record CustomCapabilities(List<String> capabilities) implements Message {
    public CustomCapabilities {
        capabilities = List.copyOf(capabilities);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.strings(1, capabilities);
    }

    static CustomCapabilities read(ProtoReader in) {
        List<String> capabilities = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    in.count();
                    capabilities.add(in.string());
                }
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new CustomCapabilities(capabilities);
    }
}
