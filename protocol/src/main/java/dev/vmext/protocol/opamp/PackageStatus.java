package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/**
 * One package on the agent: what it has, what it was offered, how far it is. The two differ after an update that
 * failed.
 */
public record PackageStatus(
        String name,
        String agentHasVersion,
        Bytes agentHasHash,
        String serverOfferedVersion,
        Bytes serverOfferedHash,
        PackageState status,
        String errorMessage,
        @Nullable PackageDownloadDetails downloadDetails)
        implements Message {
    static final PackageStatus EMPTY =
            new PackageStatus("", "", Bytes.EMPTY, "", Bytes.EMPTY, PackageState.INSTALLED, "", null);

    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, name);
        out.string(2, agentHasVersion);
        out.bytes(3, agentHasHash);
        out.string(4, serverOfferedVersion);
        out.bytes(5, serverOfferedHash);
        out.enumeration(6, status.number());
        out.string(7, errorMessage);
        out.message(8, downloadDetails);
    }

    static PackageStatus read(ProtoReader in) {
        String name = "";
        String agentHasVersion = "";
        Bytes agentHasHash = Bytes.EMPTY;
        String serverOfferedVersion = "";
        Bytes serverOfferedHash = Bytes.EMPTY;
        PackageState status = PackageState.INSTALLED;
        String errorMessage = "";
        @Nullable PackageDownloadDetails downloadDetails = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.string();
                case 2 -> agentHasVersion = in.string();
                case 3 -> agentHasHash = in.bytes();
                case 4 -> serverOfferedVersion = in.string();
                case 5 -> serverOfferedHash = in.bytes();
                case 6 -> status = PackageState.of(in.enumeration());
                case 7 -> errorMessage = in.string();
                case 8 -> downloadDetails = PackageDownloadDetails.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new PackageStatus(
                name,
                agentHasVersion,
                agentHasHash,
                serverOfferedVersion,
                serverOfferedHash,
                status,
                errorMessage,
                downloadDetails);
    }
}
