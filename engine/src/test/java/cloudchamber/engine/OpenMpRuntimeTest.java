package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.testing.DrawnText;
import cloudchamber.engine.testing.Models;
import cloudchamber.engine.testing.RandomLlama;
import cloudchamber.engine.testing.TestLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenMP runtime is chosen once a process, so each choice runs in one of its own. */
class OpenMpRuntimeTest {
    @Test
    void theStandInGivesTheSameBits(@TempDir Path folder) throws IOException, InterruptedException {
        var lines = run(folder, "stand-in");

        assertThat(lines)
                .containsExactly(
                        "runtime stand-in",
                        "mapped " + mappedIn(lines, folder),
                        "bits " + DrawnText.bits(Models.tiny(TestLibrary.BUNDLED_B4916)));
    }

    /** The one library that is mapped must be the one that was unpacked here. */
    private static String mappedIn(List<String> lines, Path folder) {
        return lines.stream()
                .filter(line -> line.startsWith("mapped " + folder))
                .findFirst()
                .map(line -> line.substring("mapped ".length()))
                .orElse("a file in " + folder);
    }

    @Test
    void anUnknownChoiceIsRefused(@TempDir Path folder) throws IOException, InterruptedException {
        assertThat(run(folder, "fast"))
                .anyMatch(line -> line.contains("cloudchamber.gomp must be auto, system or stand-in: was fast"));
    }

    private static List<String> run(Path folder, String choice) throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Dcloudchamber.gomp=" + choice,
                        "-Dcloudchamber.llama.library=bundled",
                        "-Dcloudchamber.native.cache=" + folder,
                        "-cp",
                        System.getProperty("java.class.path"),
                        DrawnText.class.getName(),
                        Models.file(RandomLlama.TINY).toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return output.lines().toList();
    }
}
