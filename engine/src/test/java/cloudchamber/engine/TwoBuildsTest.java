package cloudchamber.engine;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.engine.binding.NativeLibrary;
import cloudchamber.engine.library.LibraryChoice;
import cloudchamber.engine.testing.GreedyTexts;
import cloudchamber.engine.testing.TestLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Two builds of llama.cpp, eighteen months apart, against each other: what one writes at temperature 0 is nearly the
 * likeliest for the other as well, token by token, each judged after the same text. Equal texts are not to be had
 * between builds in general: the bits of their logits may differ.
 */
class TwoBuildsTest {
    private static final Path BUNDLED = Path.of("..", "deploy", "models", "bundled-policy.gguf");

    /** By how much a token of the other may fall short of the likeliest, in nats. A wrong reading costs several. */
    private static final double DELTA = 0.1;

    private static final int PROMPTS = 12;
    private static final int FEW_PROMPTS = 4;

    private static final double DELTA_OF_FOUR_BITS = 1;

    @Test
    void theBundledModelAgreesWithTheOlderBuild(TestReporter reporter) throws Exception {
        assertAgreement(BUNDLED, "haswell", PROMPTS, DELTA, reporter);
    }

    /** Kernels for processors of 2008 add up in another order: here the bits do differ. */
    @Test
    void theBundledModelAgreesAcrossBuildsAndProcessors(TestReporter reporter) throws Exception {
        double difference = assertAgreement(BUNDLED, "sse42", PROMPTS, DELTA, reporter);

        assertThat(difference).as("of log-odds").isPositive();
    }

    @Test
    @EnabledIfSystemProperty(named = "long.tests", matches = "true")
    void aLargerModelAgreesAcrossBuildsAndProcessors(TestReporter reporter) throws Exception {
        var file = Path.of(System.getProperty("user.home"), ".cloudchamber", "models", "smollm2-135m.gguf");
        Assumptions.assumeTrue(
                Files.isRegularFile(file),
                "smollm2-135m is not installed and not compared: ./cloudchamber models install smollm2-135m");

        double difference = assertAgreement(file, "sse42", FEW_PROMPTS, DELTA_OF_FOUR_BITS, reporter);

        assertThat(difference).as("of log-odds").isPositive();
    }

    /** The newer build writes, with these kernels; the older one reads. */
    private static double assertAgreement(Path file, String variant, int prompts, double delta, TestReporter reporter)
            throws IOException, InterruptedException {
        var folder =
                ((LibraryChoice.Source.Folder) TestLibrary.NPM_V0_5_0.choice().source()).folder();
        Assumptions.assumeTrue(
                NativeLibrary.get(TestLibrary.NPM_V0_5_0.choice())
                        .description()
                        .usableVariants()
                        .contains(variant),
                "this machine does not run the kernels " + variant + ": they are not compared");
        var texts = GreedyTexts.by(folder, variant, file, prompts);
        var agreement = Agreement.NONE;
        var differences = new ArrayList<Double>();
        int equal = 0;
        try (var model = Model.load(file, TestLibrary.BUNDLED_B4916.choice());
                var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            for (var text : texts) {
                var one = Agreement.of(engine, text.prompt(), text.tokens());
                equal += one.largest() == 0 ? 1 : 0;
                agreement = agreement.plus(one);
                var here = GreedyTexts.logOdds(engine, text.prompt());
                IntStream.range(0, here.size())
                        .mapToObj(index ->
                                Math.abs(here.get(index) - text.logOdds().get(index)))
                        .forEach(differences::add);
            }
        }
        double difference =
                differences.stream().mapToDouble(Double::doubleValue).max().orElseThrow();

        reporter.publishEntry(Map.of(
                file.getFileName() + ", v0.5.0 " + variant + " read by b4916",
                "%d of %d tokens are the likeliest of both, %d of %d texts wholly; largest gap %.4f nats, gaps %s; log-odds of two tokens differ by up to %.4f"
                        .formatted(
                                agreement.within(0),
                                agreement.tokens(),
                                equal,
                                texts.size(),
                                agreement.largest(),
                                agreement.shortfalls().stream()
                                        .filter(gap -> gap > 0)
                                        .map("%.4f"::formatted)
                                        .toList(),
                                difference)));
        assertThat(agreement.tokens()).isGreaterThan(20 * texts.size());
        assertThat(agreement.largest()).isLessThanOrEqualTo(delta);
        assertThat(agreement.share()).isGreaterThan(0.95);
        return difference;
    }
}
