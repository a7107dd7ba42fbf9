package dev.vmext.agent.cause;

import dev.vmext.protocol.status.CauseClass;
import java.util.Optional;

/**
 * What the kernel says when it refuses. Java hands on nothing but the text of strerror(3), so that is what is recognised; programs
 * print the same texts. Texts of other languages are not: the agent and its handlers run with {@code LANG=C.UTF-8}.
 */
public enum Errno {
    ENOSPC("No space left on device", CauseClass.DISK, "free space or inodes on that file system"),
    EDQUOT("Disk quota exceeded", CauseClass.DISK, "raise the quota, or free space that counts against it"),
    EROFS(
            "Read-only file system",
            CauseClass.DISK,
            "mount it read-write; if it became read-only by itself, look for errors of the disk with dmesg"),
    EIO("Input/output error", CauseClass.DISK, "the disk is failing or was taken away: look at dmesg"),
    EUCLEAN("Structure needs cleaning", CauseClass.DISK, "the file system is damaged: check it with fsck"),
    ENAMETOOLONG("File name too long", CauseClass.DISK, "use shorter names, or a folder closer to the root"),
    EMLINK("Too many links", CauseClass.DISK, "a folder holds too many folders: tidy it"),
    ELOOP("Too many levels of symbolic links", CauseClass.DISK, "symbolic links there point at each other: delete one"),
    ENOTDIR("Not a directory", CauseClass.DISK, "a file lies where a folder should be: move it away"),
    EISDIR("Is a directory", CauseClass.DISK, "a folder lies where a file should be: move it away"),
    ENOTEMPTY(
            "Directory not empty",
            CauseClass.DISK,
            "somebody writes into a folder that is being deleted: find out who"),
    EFBIG("File too large", CauseClass.DISK, "look at the file size limit (ulimit -f) and at the file system"),
    EACCES(
            "Permission denied",
            CauseClass.PERMISSION,
            "look at owner and mode of that path, and at a mandatory access control in force (SELinux, AppArmor)"),
    EPERM(
            "Operation not permitted",
            CauseClass.PERMISSION,
            "look at the file's attributes (lsattr), the container's capabilities and mandatory access control"),
    ENOMEM("Cannot allocate memory", CauseClass.MEMORY, "free memory, or give the machine more"),
    EAGAIN(
            "Resource temporarily unavailable",
            CauseClass.MEMORY,
            "no further process or thread could be started: look at how many run and at their limits"),
    EMFILE("Too many open files", CauseClass.MEMORY, "look at who keeps files open, and at the limit (ulimit -n)"),
    ENFILE("Too many open files in system", CauseClass.MEMORY, "look at who keeps files open, and at fs.file-max"),
    ETXTBSY("Text file busy", CauseClass.LOCK, "the program is running: stop it first"),
    EBUSY("Device or resource busy", CauseClass.LOCK, "find out who uses it, with fuser or lsof"),
    ENOEXEC(
            "Exec format error",
            CauseClass.PLATFORM,
            "the program is for another processor, or a script without #! line");

    private final String text;
    private final CauseClass kind;
    private final String hint;

    Errno(String text, CauseClass kind, String hint) {
        this.text = text;
        this.kind = kind;
        this.hint = hint;
    }

    /** As strerror(3) says it in English. */
    public String text() {
        return text;
    }

    public CauseClass kind() {
        return kind;
    }

    /** What to do about it. */
    public String hint() {
        return hint;
    }

    /** The one whose words are in this text; the longest when several are. */
    public static Optional<Errno> in(String said) {
        Errno best = null;
        for (Errno one : values()) {
            if (said.contains(one.text) && (best == null || one.text.length() > best.text.length())) {
                best = one;
            }
        }
        return Optional.ofNullable(best);
    }
}
