package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;

/** All packages the agent has or is working on. */
public record PackageStatuses(
        Map<String, PackageStatus> packages, Bytes serverProvidedAllPackagesHash, String errorMessage)
        implements Message {
    public PackageStatuses {
        packages = Message.sorted(packages);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.entries(1, packages);
        out.bytes(2, serverProvidedAllPackagesHash);
        out.string(3, errorMessage);
    }

    static PackageStatuses read(ProtoReader in) {
        Map<String, PackageStatus> packages = new TreeMap<>();
        Bytes serverProvidedAllPackagesHash = Bytes.EMPTY;
        String errorMessage = "";
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> readEntry(in, packages);
                case 2 -> serverProvidedAllPackagesHash = in.bytes();
                case 3 -> errorMessage = in.string();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new PackageStatuses(packages, serverProvidedAllPackagesHash, errorMessage);
    }

    private static void readEntry(ProtoReader in, Map<String, PackageStatus> into) {
        String key = "";
        PackageStatus value = PackageStatus.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = PackageStatus.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
