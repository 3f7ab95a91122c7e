package cloudchamber.engine.testing;

import cloudchamber.engine.Engine;
import cloudchamber.engine.EngineSettings;
import cloudchamber.engine.GenerateRequest;
import cloudchamber.engine.Model;
import cloudchamber.engine.ScoreRequest;
import cloudchamber.engine.Tokens;
import cloudchamber.protocol.model.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that draws a text and scores it, and prints the bits: to be run in a process of its own.
 * Argument: a model file.
 */
public final class DrawnText {
    private DrawnText() {}

    public static void main(String[] arguments) throws IOException {
        try (var model = Model.load(Path.of(arguments[0]))) {
            System.out.println("runtime " + model.library().openMp().id());
            try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
                lines.map(line -> line.substring(line.lastIndexOf(' ') + 1))
                        .filter(file -> file.contains("libgomp"))
                        .distinct()
                        .forEach(file -> System.out.println("mapped " + file));
            }
            System.out.println("bits " + bits(model));
        }
    }

    /** What a model draws and scores, as text that is equal when the bits are. */
    public static String bits(Model model) {
        try (var engine = Engine.start(model, EngineSettings.DEFAULT)) {
            var prefix = Tokens.of(1).plus(model.tokenizer().encode("Evaluate 3 + 4.\n\n"));
            var drawn = engine.generate(new GenerateRequest(prefix, Sampling.atTemperature(0.8), 11, List.of(), 100))
                    .join();
            var score = engine.score(ScoreRequest.atEnd(prefix.plus(drawn.tokens()), Tokens.NONE, 3, 4))
                    .join();
            return drawn.tokens() + " "
                    + Long.toHexString(Double.doubleToRawLongBits(drawn.logProbability())) + " "
                    + Long.toHexString(
                            Double.doubleToRawLongBits(score.logOdds().getFirst()));
        }
    }
}
