package dev.vmext.protocol.opamp;

/** A command to the agent; the rest of its envelope is to be ignored. An empty one means restart. */
public record ServerToAgentCommand(CommandType type) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.enumeration(1, type.number());
    }

    static ServerToAgentCommand read(ProtoReader in) {
        CommandType type = CommandType.RESTART;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = CommandType.of(in.enumeration());
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ServerToAgentCommand(type);
    }
}
