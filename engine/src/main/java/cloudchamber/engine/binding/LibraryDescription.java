package cloudchamber.engine.binding;

import java.nio.file.Path;
import java.util.List;

/**
 * What a native library is and how it is used.
 *
 * @param release of llama.cpp
 * @param sha256 of its files, in hexadecimal
 * @param file of the library itself
 * @param reason why this one is used, as a clause
 * @param cpuVariant the family of processors whose kernels are used
 * @param numericsVariant the name of the bits they compute: equal names, equal bits
 * @param usableVariants the families this machine runs, the best first
 * @param openMp the OpenMP runtime it found
 * @param gpus that are used, by name; empty on the processor alone
 */
public record LibraryDescription(
        String release,
        String sha256,
        Path file,
        String reason,
        String cpuVariant,
        String numericsVariant,
        List<String> usableVariants,
        OpenMpRuntime openMp,
        List<String> gpus) {
    private static final int DIGITS = 12;

    public LibraryDescription {
        usableVariants = List.copyOf(usableVariants);
        gpus = List.copyOf(gpus);
    }

    /** The release, with the first twelve digits of the SHA-256: with the variant it names the bits. */
    public String build() {
        return release + "-" + sha256.substring(0, DIGITS);
    }
}
