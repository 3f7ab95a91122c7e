package cloudchamber.prm.llama;

import cloudchamber.engine.Tokenizer;
import cloudchamber.engine.Tokens;
import cloudchamber.prm.format.PrmFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.List;

/**
 * As a published PRM was trained to be shown a prefix. The whole text is rendered and tokenised each time; the engine
 * finds how much of it was read before, so a child's request reads little more than its own step.
 */
public record PublishedReading(PrmFormat format) implements Reading {
    /** The metadata entry that names the format. */
    public static final String FORMAT_KEY = "cloudchamber.prm_format";

    /** The formats that are read by two label tokens. */
    public static final List<String> FORMATS = List.of(PrmFormat.Rlhflow.ID, PrmFormat.MathShepherd.ID);

    /**
     * The format with this name, one of {@link #FORMATS}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static PublishedReading of(String id, ChatTemplate template) {
        return new PublishedReading(
                switch (id) {
                    case PrmFormat.Rlhflow.ID -> new PrmFormat.Rlhflow(template);
                    case PrmFormat.MathShepherd.ID -> new PrmFormat.MathShepherd();
                    default ->
                        throw new IllegalArgumentException("a PRM's format must be one of " + FORMATS + ": was " + id);
                });
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
