package cloudchamber.engine.testing;

import cloudchamber.engine.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Models that tests share: loaded once, never closed. */
public final class Models {
    private static Model tiny;

    private Models() {}

    /** {@link RandomLlama#TINY}. */
    public static synchronized Model tiny() {
        if (tiny == null) {
            tiny = Model.load(file(RandomLlama.TINY));
        }
        return tiny;
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
