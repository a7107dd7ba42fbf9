package dev.vmext.protocol.opamp;

import java.util.Map;
import java.util.TreeMap;

/** All packages the agent should have; what is missing here is to be deleted. */
public record PackagesAvailable(Map<String, PackageAvailable> packages, Bytes allPackagesHash) implements Message {
    public PackagesAvailable {
        packages = Message.sorted(packages);
    }

    @Override
    public void writeTo(ProtoWriter out) {
        out.entries(1, packages);
        out.bytes(2, allPackagesHash);
    }

    static PackagesAvailable read(ProtoReader in) {
        Map<String, PackageAvailable> packages = new TreeMap<>();
        Bytes allPackagesHash = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> readEntry(in, packages);
                case 2 -> allPackagesHash = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new PackagesAvailable(packages, allPackagesHash);
    }

    private static void readEntry(ProtoReader in, Map<String, PackageAvailable> into) {
        String key = "";
        PackageAvailable value = PackageAvailable.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.string();
                case 2 -> value = PackageAvailable.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        into.put(key, value);
    }
}
