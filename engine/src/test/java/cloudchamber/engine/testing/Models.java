package cloudchamber.engine.testing;

import cloudchamber.engine.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/** Models that tests share: loaded once, never closed. */
public final class Models {
    private static final Map<TestLibrary, Model> TINY = new EnumMap<>(TestLibrary.class);

    private Models() {}

    /** {@link RandomLlama#TINY}, run by a library. */
    public static synchronized Model tiny(TestLibrary library) {
        return TINY.computeIfAbsent(library, absent -> Model.load(file(RandomLlama.TINY), absent.choice()));
    }

    /** A file with this model, removed when the process ends. */
    public static Path file(RandomLlama parameters) {
        try {
            var file = Files.createTempFile("random", ".gguf");
            file.toFile().deleteOnExit();
            return parameters.writer().write(file);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
    }
}
