package dev.vmext.server.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A guest of some ninety bytes: a multiboot kernel that writes a line to the serial port and halts. It boots in the time that
 * the firmware needs, so the contract of a provider is tested with real virtual machines in seconds.
 */
final class TinyGuest {
    static final String LINE = "tiny guest is up\n";

    private static final int MAGIC = 0x1BADB002;
    private static final int ADDRESSES_ARE_GIVEN = 1 << 16;
    private static final int BASE = 0x100000;
    private static final int HEADER = 32;

    private TinyGuest() {}

    static QemuSettings.PrebuiltImage image(Path folder) throws IOException {
        Path kernel = Files.write(folder.resolve("kernel"), kernel());
        Path initrd = Files.write(folder.resolve("initrd"), new byte[16]);
        return new QemuSettings.PrebuiltImage("tiny", Optional.empty(), kernel, initrd, "");
    }

    private static byte[] kernel() {
        byte[] line = (LINE + '\0').getBytes(StandardCharsets.US_ASCII);
        int code = 20;
        ByteBuffer out = ByteBuffer.allocate(HEADER + code + line.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(MAGIC).putInt(ADDRESSES_ARE_GIVEN).putInt(-(MAGIC + ADDRESSES_ARE_GIVEN));
        out.putInt(BASE)
                .putInt(BASE)
                .putInt(BASE + out.capacity())
                .putInt(BASE + out.capacity())
                .putInt(BASE + HEADER);
        out.put((byte) 0xBE).putInt(BASE + HEADER + code); // mov esi, line
        out.put(bytes(0x66, 0xBA, 0xF8, 0x03)); // mov dx, 0x3f8
        out.put(bytes(0xAC, 0x84, 0xC0, 0x74, 0x03)); // next: lodsb; test al, al; jz done
        out.put(bytes(0xEE, 0xEB, 0xF8)); // out dx, al; jmp next
        out.put(bytes(0xF4, 0xEB, 0xFD)); // done: hlt; jmp done
        out.put(line);
        return out.array();
    }

    private static byte[] bytes(int... values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int value : values) {
            out.write(value);
        }
        return out.toByteArray();
    }
}
