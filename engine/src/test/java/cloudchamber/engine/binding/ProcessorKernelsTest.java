package cloudchamber.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.testing.DrawnText;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The families of processors of the second library. */
class ProcessorKernelsTest {
    private static Path folder() {
        return ((LibraryChoice.Source.Folder) TestLibrary.NPM_V0_5_0.choice().source()).folder();
    }

    @Test
    void aFamilyThisMachineDoesNotRunIsRefused() {
        var kernels = ProcessorKernels.in(folder());

        assertThat(kernels.usable()).isNotEmpty();
        assertThat(kernels.choose(Optional.empty()))
                .isEqualTo(
                        kernels.usable().contains("haswell")
                                ? "haswell"
                                : kernels.usable().getFirst());
        assertThatThrownBy(() -> kernels.choose(Optional.of("pentium")))
                .isInstanceOf(EngineException.class)
                .hasMessage(
                        "the processor variant must be one this machine runs " + kernels.usable() + ": was pentium");
    }

    @Test
    void aFolderWithoutALibraryIsRefused(@TempDir Path empty) {
        assertThatThrownBy(() -> NativeLibrary.get(LibraryChoice.of(empty)))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("must hold a libllama.so");
    }

    /** Families of one numerics class compute the same bits; each runs in a process of its own. */
    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void familiesOfOneClassAgree() throws IOException, InterruptedException {
        var kernels = ProcessorKernels.in(folder());
        var bitsOfClass = new HashMap<String, Map<String, String>>();
        for (var family : kernels.usable()) {
            bitsOfClass
                    .computeIfAbsent(kernels.numericsVariant(family), none -> new HashMap<>())
                    .put(family, bits(family));
        }

        assertThat(bitsOfClass)
                .allSatisfy((numericsClass, bits) -> assertThat(bits.values())
                        .as("%s: %s", numericsClass, bits.keySet())
                        .containsOnly(bits.values().iterator().next()));
    }

    private static String bits(String family) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-D" + LibraryChoice.LIBRARY_PROPERTY + "=" + folder(),
                        "-D" + LibraryChoice.VARIANT_PROPERTY + "=" + family,
                        "-cp",
                        System.getProperty("java.class.path"),
                        DrawnText.class.getName(),
                        Models.file(RandomLlama.TINY).toString())
                .redirectErrorStream(true)
                .start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.lines()
                .filter(line -> line.startsWith("bits "))
                .findFirst()
                .orElseThrow();
    }
}
