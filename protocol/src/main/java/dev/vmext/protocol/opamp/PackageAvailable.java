package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** One package on offer. The hash covers content and meaning of the whole offer and is opaque to the agent. */
public record PackageAvailable(
        PackageType type, String version, @Nullable DownloadableFile file, Bytes hash) implements Message {
    static final PackageAvailable EMPTY = new PackageAvailable(PackageType.TOP_LEVEL, "", null, Bytes.EMPTY);

    @Override
    public void writeTo(ProtoWriter out) {
        out.enumeration(1, type.number());
        out.string(2, version);
        out.message(3, file);
        out.bytes(4, hash);
    }

    static PackageAvailable read(ProtoReader in) {
        PackageType type = PackageType.TOP_LEVEL;
        String version = "";
        @Nullable DownloadableFile file = null;
        Bytes hash = Bytes.EMPTY;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> type = PackageType.of(in.enumeration());
                case 2 -> version = in.string();
                case 3 -> file = DownloadableFile.read(in);
                case 4 -> hash = in.bytes();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new PackageAvailable(type, version, file, hash);
    }
}
