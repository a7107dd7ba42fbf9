package dev.vmext.protocol.opamp;

/** How far the agent is with the last connection settings it was offered, named by their hash. */
public record ConnectionSettingsStatus(Bytes lastConnectionSettingsHash, ApplyState status, String errorMessage)
        implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.bytes(1, lastConnectionSettingsHash);
        out.enumeration(2, status.number());
        out.string(3, errorMessage);
    }

    static ConnectionSettingsStatus read(ProtoReader in) {
        Bytes lastConnectionSettingsHash = Bytes.EMPTY;
        ApplyState status = ApplyState.UNSET;
        String errorMessage = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> lastConnectionSettingsHash = in.bytes();
                case 2 -> status = ApplyState.of(in.enumeration());
                case 3 -> errorMessage = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new ConnectionSettingsStatus(lastConnectionSettingsHash, status, errorMessage);
    }
}
