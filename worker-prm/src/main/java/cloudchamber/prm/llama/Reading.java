package cloudchamber.prm.llama;

import cloudchamber.engine.Tokenizer;
import cloudchamber.engine.Tokens;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.List;

/** How a prefix is shown to a model that speaks by two label tokens. Pure. */
public sealed interface Reading permits FramedReading, PublishedReading {
    /**
     * The tokens of a prefix, after the last of which the labels are read.
     *
     * @param kept what its continuations begin with too; stays in memory
     * @param tail read after it and forgotten; may be empty
     */
    record Shown(Tokens kept, Tokens tail) {}

    /** By which workers announce it. */
    String id();

    /**
     * @param prefix at least one step
     */
    Shown show(Tokenizer tokenizer, Prompt prompt, List<PrefixStep> prefix);
}
