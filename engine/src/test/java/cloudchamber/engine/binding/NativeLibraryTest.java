package cloudchamber.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.library.LibraryChoice;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    private static final List<String> NEEDED = List.of("avx2", "fma", "f16c");

    @Test
    void anUnknownBuildIsRefusedWithASentence() {
        assertThatThrownBy(() -> NativeLibrary.layoutOf("0123456789abcdef", Optional.of("0.6.1"), "somewhere"))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.category()).isEqualTo(Category.LIBRARY_UNKNOWN))
                .hasMessage("the native library must be of a release whose layout is known [b4916, v0.5.0]: "
                        + "was 0.6.1, SHA-256 0123456789ab (somewhere)");
        assertThatThrownBy(() -> NativeLibrary.layoutOf("0123456789abcdef", Optional.empty(), "somewhere"))
                .hasMessageContaining("was one that does not tell its version");
    }

    @Test
    void aMachineWithoutTheInstructionsIsRefused() {
        assertThatThrownBy(() -> new Machine("linux", "amd64", Set.of("sse4_2", "avx2")).require(NEEDED))
                .hasMessage(
                        "the bundled native library needs a processor with avx2, fma, f16c: this one lacks fma, f16c");
        assertThatThrownBy(() -> new Machine("mac os x", "aarch64", Set.of()).require(NEEDED))
                .hasMessage("the bundled native library runs on linux amd64: this is mac os x aarch64");
    }

    @Test
    void theLibraryIsOpenedOnce() {
        assertThat(NativeLibrary.get()).isSameAs(NativeLibrary.get());
        assertThat(NativeLibrary.get(LibraryChoice.BUNDLED).description().build())
                .isEqualTo("b4916-93276c536d00");
    }
}
