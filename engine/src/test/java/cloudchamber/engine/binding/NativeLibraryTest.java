package cloudchamber.engine.binding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NativeLibraryTest {
    private static final List<String> NEEDED = List.of("avx2", "fma", "f16c");

    @Test
    void anUnknownBuildIsRefusedWithASentence() {
        assertThatThrownBy(() -> NativeLibrary.layoutOf(new byte[] {1, 2, 3}, "somewhere"))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        refused -> assertThat(refused.category()).isEqualTo(Category.LIBRARY_UNKNOWN))
                .hasMessage("the native library must be a build whose layout is known (b4916 93276c536d00): "
                        + "was 039058c6f2c0 (somewhere)");
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
        assertThat(NativeLibrary.get().build()).isEqualTo("b4916-93276c536d00");
    }
}
