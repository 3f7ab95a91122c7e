package cloudchamber.engine.library;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which native library is asked for, and how it is to be used.
 *
 * @param source where it comes from
 * @param cpuVariant the processor family whose kernels are used; empty: the best this machine runs
 * @param gpuLayers layers of a model put on a GPU, at least 0; 0 keeps everything on the processor
 */
public record LibraryChoice(Source source, Optional<String> cpuVariant, int gpuLayers) {
    /** Names the library: {@code auto}, {@code bundled}, or a folder. */
    public static final String LIBRARY_PROPERTY = "cloudchamber.llama.library";

    /** Names the processor family. */
    public static final String VARIANT_PROPERTY = "cloudchamber.cpu.variant";

    /** The number of layers. */
    public static final String GPU_LAYERS_PROPERTY = "cloudchamber.gpu.layers";

    private static final String AUTO = "auto";
    private static final String BUNDLED_ID = "bundled";

    /** The one on the class path. */
    public static final LibraryChoice BUNDLED = new LibraryChoice(new Source.Bundled(), Optional.empty(), 0);

    /** Where a library comes from. */
    public sealed interface Source {
        /** An installed one if there is any, else the bundled one. */
        record Automatic() implements Source {}

        /** The one on the class path. */
        record Bundled() implements Source {}

        /** The one in this folder. */
        record Folder(Path folder) implements Source {}

        /** {@code auto}, {@code bundled}, or a folder. */
        static Source parse(String text) {
            return switch (text) {
                case AUTO -> new Automatic();
                case BUNDLED_ID -> new Bundled();
                default -> new Folder(Path.of(text).toAbsolutePath().normalize());
            };
        }
    }

    public LibraryChoice {
        if (gpuLayers < 0) {
            throw new IllegalArgumentException("gpuLayers must be at least 0: was " + gpuLayers);
        }
    }

    /** What the system properties of this process ask for. */
    public static LibraryChoice ofProperties() {
        return new LibraryChoice(
                Source.parse(System.getProperty(LIBRARY_PROPERTY, AUTO)),
                Optional.ofNullable(System.getProperty(VARIANT_PROPERTY)),
                Integer.getInteger(GPU_LAYERS_PROPERTY, 0));
    }

    /** The library in a folder. */
    public static LibraryChoice of(Path folder) {
        return new LibraryChoice(new Source.Folder(folder.toAbsolutePath().normalize()), Optional.empty(), 0);
    }
}
