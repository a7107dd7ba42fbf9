package dev.vmext.protocol.opamp;

import java.util.ArrayList;
import java.util.List;

/**
 * What the agent is: identifying attributes make it unique together with its type, the others describe it and its
 * machine.
 */
public record AgentDescription(List<KeyValue> identifyingAttributes, List<KeyValue> nonIdentifyingAttributes)
        implements Message {
    public AgentDescription {
        identifyingAttributes = List.copyOf(identifyingAttributes);
        nonIdentifyingAttributes = List.copyOf(nonIdentifyingAttributes);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.messages(1, identifyingAttributes);
        out.messages(2, nonIdentifyingAttributes);
    }

    static AgentDescription read(ProtoReader in) {
        List<KeyValue> identifyingAttributes = new ArrayList<>();
        List<KeyValue> nonIdentifyingAttributes = new ArrayList<>();
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> identifyingAttributes.add(KeyValue.read(in));
                case 2 -> nonIdentifyingAttributes.add(KeyValue.read(in));
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new AgentDescription(identifyingAttributes, nonIdentifyingAttributes);
    }
}
