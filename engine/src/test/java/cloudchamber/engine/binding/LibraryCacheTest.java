package cloudchamber.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.fault.EngineException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryCacheTest {
    private static final byte[] BYTES = "not a library".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    @Test
    void whoeverComesFirstTheFileIsWhole() throws Exception {
        var cache = new LibraryCache(folder);
        try (var threads = Executors.newFixedThreadPool(8)) {
            var each = new ArrayList<Callable<byte[]>>();
            for (int thread = 0; thread < 32; thread++) {
                each.add(() -> Files.readAllBytes(cache.file("a.so", BYTES)));
            }
            for (var read : threads.invokeAll(each)) {
                assertThat(read.get()).isEqualTo(BYTES);
            }
        }
        try (var left = Files.list(cache.file("a.so", BYTES).getParent())) {
            assertThat(left).hasSize(1);
        }
    }

    @Test
    void aDamagedFileIsReplaced() throws IOException {
        var cache = new LibraryCache(folder);
        var file = cache.file("a.so", BYTES);
        Files.writeString(file, "damaged");

        assertThat(Files.readAllBytes(cache.file("a.so", BYTES))).isEqualTo(BYTES);
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws IOException {
        var occupied = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> new LibraryCache(occupied).file("a.so", BYTES))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("cloudchamber.native.cache")
                .hasMessageContaining(occupied.toString());
    }
}
