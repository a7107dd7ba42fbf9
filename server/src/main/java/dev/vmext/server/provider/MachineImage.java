package dev.vmext.server.provider;

import java.nio.file.Path;
import java.util.Optional;

/**
 * An image that machines can boot from: a raw disk that is only ever read, and the kernel and initrd that belong to it. Without
 * a disk the machine lives in its initrd and its own empty disk.
 */
record MachineImage(String id, Optional<Path> disk, Path kernel, Path initrd, String kernelArguments) {}
