package cloudchamber.prm.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.Model;
import cloudchamber.prm.StepScorer;
import cloudchamber.prm.StepScorerContract;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A published format on the bundled PRM: it was not trained for it, but the reading is the same. */
class PublishedReadingTest extends StepScorerContract {
    private static final Path BUNDLED = Path.of("..", "deploy", "models", "bundled-prm.gguf");

    @Override
    protected StepScorer scorer() {
        var model = Model.load(BUNDLED);
        var metadata = model.metadata();
        return new LabelTokenPrm(
                "prm",
                4,
                Engine.start(model, EngineSettings.DEFAULT),
                PublishedReading.of(PrmFormat.MathShepherd.ID, ChatTemplate.of(metadata)),
                metadata.get(LabelFormat.GOOD_KEY),
                metadata.get(LabelFormat.BAD_KEY));
    }

    @Override
    protected Prompt prompt() {
        return Prompt.question("Evaluate 17 + 26 - 9.");
    }

    private static PrefixStep step(String text) {
        return new PrefixStep(text, List.of());
    }

    @Override
    protected List<List<PrefixStep>> prefixes() {
        return List.of(List.of(step("17 + 26 = 43\n\n")), List.of(step("17 + 26 = 43\n\n"), step("43 - 9 = 35\n\n")));
    }

    @Override
    protected List<PrefixStep> oversizedPrefix() {
        return Collections.nCopies(200, step("17 + 26 = 43\n\n"));
    }

    @Override
    protected Optional<List<PrefixStep>> invalidPrefix() {
        return Optional.of(List.of());
    }

    @Test
    void anUnknownFormatIsRefused() {
        assertThatThrownBy(() -> PublishedReading.of(
                        "paper", ChatTemplate.byId("question").orElseThrow()))
                .hasMessage("a PRM's format must be one of [math-shepherd, rlhflow]: was paper");
        assertThat(PublishedReading.of("rlhflow", ChatTemplate.byId("llama-3.1").orElseThrow())
                        .id())
                .isEqualTo("rlhflow");
    }
}
