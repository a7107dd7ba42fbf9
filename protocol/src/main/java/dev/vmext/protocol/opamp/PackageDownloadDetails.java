package dev.vmext.protocol.opamp;

/** Progress of a download. */
public record PackageDownloadDetails(double downloadPercent, double downloadBytesPerSecond) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.real(1, downloadPercent);
        out.real(2, downloadBytesPerSecond);
    }

    static PackageDownloadDetails read(ProtoReader in) {
        double downloadPercent = 0;
        double downloadBytesPerSecond = 0;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> downloadPercent = in.real();
                case 2 -> downloadBytesPerSecond = in.real();
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new PackageDownloadDetails(downloadPercent, downloadBytesPerSecond);
    }
}
