package dev.vmext.protocol.opamp;

import org.jspecify.annotations.Nullable;

/** Where a file is fetched from, the SHA-256 of its content, and the publisher's signature. */
public record DownloadableFile(
        String downloadUrl,
        Bytes contentHash,
        Bytes signature,
        @Nullable Headers headers) implements Message {
    @Override
    public void writeTo(ProtoWriter out) {
        out.string(1, downloadUrl);
        out.bytes(2, contentHash);
        out.bytes(3, signature);
        out.message(4, headers);
    }

    static DownloadableFile read(ProtoReader in) {
        String downloadUrl = "";
        Bytes contentHash = Bytes.EMPTY;
        Bytes signature = Bytes.EMPTY;
        @Nullable Headers headers = null;
        int outer = in.enter();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> downloadUrl = in.string();
                case 2 -> contentHash = in.bytes();
                case 3 -> signature = in.bytes();
                case 4 -> headers = Headers.read(in);
                default -> in.skip();
            }
        }
        in.leave(outer);
        return new DownloadableFile(downloadUrl, contentHash, signature, headers);
    }
}
