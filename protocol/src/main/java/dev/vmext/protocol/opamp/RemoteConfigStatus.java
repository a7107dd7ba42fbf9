package dev.vmext.protocol.opamp;

/** How far the agent is with the last configuration it was sent, named by its hash. */
public record RemoteConfigStatus(Bytes lastRemoteConfigHash, ApplyState status, String errorMessage)
        implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, lastRemoteConfigHash);
        out.enumeration(2, status.number());
        out.string(3, errorMessage);
    }

    static RemoteConfigStatus read(ProtoReader in) {
        Bytes lastRemoteConfigHash = Bytes.EMPTY;
        ApplyState status = ApplyState.UNSET;
        String errorMessage = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> lastRemoteConfigHash = in.bytes();
                case 2 -> status = ApplyState.of(in.enumeration());
                case 3 -> errorMessage = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new RemoteConfigStatus(lastRemoteConfigHash, status, errorMessage);
    }
}
