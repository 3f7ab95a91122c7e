package cloudchamber.prm.llama;

import cloudchamber.engine.Tokenizer;
import cloudchamber.engine.Tokens;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.List;
import java.util.Optional;

/**
 * As a published PRM was trained to be shown a prefix. The whole text is rendered and tokenised each time; the engine
 * finds how much of it was read before, so a child's request reads little more than its own step.
 */
public record PublishedReading(PrmFormat format) implements Reading {
    /** The metadata entry that names the format. */
    public static final String FORMAT_KEY = "cloudchamber.prm_format";

    /**
     * The format with this name, one that the engine can read.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PublishedReading of(String id, ChatTemplate template) {
        if (!PrmFormat.readInProcess().contains(id)) {
            throw new IllegalArgumentException(
                    "a PRM's format must be one of " + PrmFormat.readInProcess() + ": was " + id);
        }
        return new PublishedReading(PrmFormat.byId(id).of(new PrmFormat.Model() {
            @Override
            public ChatTemplate template(Optional<String> usual) {
                return template;
            }

            @Override
            public String text(String setting, String usual) {
                return usual;
            }
        }));
    }

    @Override
    public String id() {
        return format.id();
    }

    @Override
    public Shown show(Tokenizer tokenizer, Prompt prompt, List<PrefixStep> prefix) {
        var steps = prefix.stream().map(PrefixStep::text).toList();
        return new Shown(tokenizer.encode(format.upToScore(prompt, steps)), Tokens.NONE);
    }
}
