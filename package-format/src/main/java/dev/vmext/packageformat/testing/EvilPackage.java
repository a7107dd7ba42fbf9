package dev.vmext.packageformat.testing;

import dev.vmext.packageformat.PackageProblem;
import dev.vmext.packageformat.testing.ZipForge.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** One broken package for each rule of the reader, with the problem it must be refused for. */
public enum EvilPackage {
    NO_MANIFEST(PackageProblem.MISSING_MANIFEST, zip -> new ZipForge().add(Entry.stored("readme.txt", "hello"))),
    MANIFEST_IS_NO_JSON(
            PackageProblem.MALFORMED_MANIFEST,
            zip -> new ZipForge().add(Entry.stored("HandlerManifest.json", "[{ not json }]"))),
    MANIFEST_IS_NO_ARRAY(
            PackageProblem.MALFORMED_MANIFEST, zip -> new ZipForge().add(Entry.stored("HandlerManifest.json", "{}"))),
    PATH_ESCAPE(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("bin/../../escaped", "x"))),
    PATH_ESCAPE_AT_ONCE(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("../escaped", "x"))),
    ABSOLUTE_PATH(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("/tmp/escaped", "x"))),
    DRIVE_LETTER(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("C:/escaped", "x"))),
    BACKSLASH(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("..\\escaped", "x"))),
    DOT_SEGMENT(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("bin/./run", "x"))),
    EMPTY_SEGMENT(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("bin//run", "x"))),
    EMPTY_NAME(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("", "x"))),
    NUL_IN_NAME(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("run\0.txt", "x"))),
    NEWLINE_IN_NAME(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("run\nroot", "x"))),
    TEXT_DIRECTION_IN_NAME(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("run\u202etxt.sh", "x"))),
    LONG_PATH(PackageProblem.LIMIT_EXCEEDED, zip -> zip.add(Entry.stored("a/".repeat(200) + "b", "x"))),
    SYMBOLIC_LINK(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("link", "/etc/passwd").mode(0120777))),
    DEVICE(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("disk", "").mode(0060660))),
    NAMED_PIPE(
            PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("pipe", "").mode(0010660))),
    FOLDER_WITHOUT_SLASH(
            PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("bin", "").mode(0040755))),
    FOLDER_WITH_CONTENT(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("bin/", "x").mode(0040755))),
    DUPLICATE_NAME(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("a", "good")).add(Entry.stored("a", "evil"))),
    CASE_CLASH(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("run", "a")).add(Entry.stored("RUN", "b"))),
    FOLDER_CASE_CLASH(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("bin/a", "a")).add(Entry.stored("Bin/b", "b"))),
    ACCENT_CLASH(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("caf\u00e9", "a")).add(Entry.stored("cafe\u0301", "b"))),
    FILE_IS_ALSO_A_FOLDER(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("bin", "a")).add(Entry.stored("bin/b", "b"))),
    HEADERS_DISAGREE_ON_NAME(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("good.sh", "x").localName("evil.sh"))),
    HEADERS_DISAGREE_ON_SIZE(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("a", "12345").localSize(3))),
    HIDDEN_ENTRY(
            PackageProblem.UNSAFE_ENTRY,
            zip -> zip.add(Entry.stored("evil", "x").hidden()).add(Entry.stored("good", "x"))),
    HIDDEN_LAST_ENTRY(
            PackageProblem.NOT_A_ZIP, zip -> zip.add(Entry.stored("evil", "x").hidden())),
    OVERLAPPING_ENTRIES(PackageProblem.UNSAFE_ENTRY, zip -> {
        byte[] inner = new ZipForge().add(Entry.stored("inner", "x").hidden()).body();
        int innerOffset = ZipForge.LOCAL_LENGTH + "outer".length();
        return new ZipForge()
                .add(Entry.stored("outer", inner))
                .add(Entry.stored("inner", "x").at(innerOffset));
    }),
    ENCRYPTED(PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("a", "x").flags(1))),
    UNKNOWN_COMPRESSION(
            PackageProblem.UNSAFE_ENTRY, zip -> zip.add(Entry.stored("a", "x").method(14))),
    TWO_ENDS(PackageProblem.NOT_A_ZIP, zip -> zip.comment(ZipForge.end(0, 0, 0, 0))),
    BOMB(PackageProblem.LIMIT_EXCEEDED, zip -> zip.add(Entry.zeros("zeros", 8 << 20))),
    MANY_SMALL_BOMBS(PackageProblem.LIMIT_EXCEEDED, zip -> {
        for (int i = 0; i < 20; i++) {
            zip.add(Entry.zeros("zeros" + i, (1 << 20) - 1));
        }
        return zip;
    }),
    WRONG_CHECKSUM(
            PackageProblem.NOT_A_ZIP, zip -> zip.add(Entry.stored("a", "x").crc(1))),
    UNPACKS_TO_MORE(
            PackageProblem.NOT_A_ZIP, zip -> zip.add(Entry.zeros("a", 5000).size(100))),
    UNPACKS_TO_LESS(
            PackageProblem.NOT_A_ZIP, zip -> zip.add(Entry.zeros("a", 5000).size(6000)));

    private final PackageProblem expected;

    @SuppressWarnings("ImmutableEnumChecker") // The functions above capture nothing.
    private final Function<ZipForge, ZipForge> content;

    EvilPackage(PackageProblem expected, Function<ZipForge, ZipForge> content) {
        this.expected = expected;
        this.content = content;
    }

    /** What it must be refused for, at the latest when it is unpacked. */
    public PackageProblem expected() {
        return expected;
    }

    public byte[] toBytes() {
        SamplePackage good = new SamplePackage("sample.Evil", "1.0.0");
        ZipForge start = new ZipForge()
                .add(Entry.stored("HandlerManifest.json", good.handlerJson()))
                .add(Entry.stored("extension.json", good.extensionJson()));
        return content.apply(start).toBytes();
    }

    public Path write(Path zip) {
        try {
            return Files.write(zip, toBytes());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
