package dev.vmext.server.blob;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmext.protocol.Digest;
import dev.vmext.server.blob.testing.InMemoryBlobStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every blob store promises, run on each of them. */
class BlobStoreContractTest {
    private static final byte[] HELLO = "hello".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.of(HELLO);

    @Nested
    class InMemory extends Contract {
        private final BlobStore store = new InMemoryBlobStore();

        @Override
        BlobStore store() {
            return store;
        }
    }

    @Nested
    class InFiles extends Contract {
        @TempDir
        Path folder;

        @Override
        BlobStore store() throws IOException {
            return FileBlobStore.open(folder);
        }

        @Test
        void leavesNothingBehindWhenTheInputBreaks() throws IOException {
            InputStream broken = new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("connection lost");
                }

                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    throw new IOException("connection lost");
                }
            };

            assertThatThrownBy(() -> store().put(DIGEST, broken)).hasMessage("connection lost");

            assertThat(folder.resolve("incoming")).isEmptyDirectory();
        }

        @Test
        void removesLeftoversOfACrashWhenOpened() throws IOException {
            store();
            Files.writeString(folder.resolve("incoming").resolve(DIGEST.hex() + ".1"), "hel");

            store().put(DIGEST, new ByteArrayInputStream(HELLO));

            assertThat(folder.resolve("incoming")).isEmptyDirectory();
            assertThat(store().size(DIGEST)).hasValue(5);
        }
    }

    abstract static class Contract {
        abstract BlobStore store() throws IOException;

        @Test
        void givesBackWhatWasStored() throws IOException {
            BlobStore store = store();
            store.put(DIGEST, new ByteArrayInputStream(HELLO));

            assertThat(store.size(DIGEST)).hasValue(5);
            try (InputStream in = store.open(DIGEST, 0)) {
                assertThat(in.readAllBytes()).isEqualTo(HELLO);
            }
        }

        @Test
        void readsFromAnOffset() throws IOException {
            BlobStore store = store();
            store.put(DIGEST, new ByteArrayInputStream(HELLO));

            try (InputStream in = store.open(DIGEST, 3)) {
                assertThat(in.readAllBytes()).isEqualTo("lo".getBytes(UTF_8));
            }
        }

        @Test
        void refusesBytesOfAnotherDigestAndStoresNothing() throws IOException {
            BlobStore store = store();

            assertThatThrownBy(() -> store.put(DIGEST, new ByteArrayInputStream("other".getBytes(UTF_8))))
                    .isInstanceOf(BlobMismatchException.class)
                    .hasMessageContaining(DIGEST.text());

            assertThat(store.size(DIGEST)).isEmpty();
        }

        @Test
        void canStoreTheSameTwice() throws IOException {
            BlobStore store = store();
            store.put(DIGEST, new ByteArrayInputStream(HELLO));
            store.put(DIGEST, new ByteArrayInputStream(HELLO));

            assertThat(store.size(DIGEST)).hasValue(5);
        }

        @Test
        void saysThatABlobIsNotThere() throws IOException {
            BlobStore store = store();

            assertThat(store.size(DIGEST)).isEmpty();
            assertThatThrownBy(() -> store.open(DIGEST, 0)).isInstanceOf(NoSuchFileException.class);
        }

        @Test
        void deletesAndDoesNotMindDeletingAgain() throws IOException {
            BlobStore store = store();
            store.put(DIGEST, new ByteArrayInputStream(HELLO));

            store.delete(DIGEST);
            store.delete(DIGEST);

            assertThat(store.size(DIGEST)).isEmpty();
        }
    }
}
