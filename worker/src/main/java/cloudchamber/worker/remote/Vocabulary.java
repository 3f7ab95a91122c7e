package cloudchamber.worker.remote;

import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.protocol.model.PrefixStep;
import java.util.ArrayList;
import java.util.List;

/** How texts become a model's tokens and back. May ask a server. Safe for threads. */
public interface Vocabulary extends AutoCloseable {
    /** The tokens of a prompt in the model's own form. */
    List<Integer> encode(RenderedPrompt prompt) throws InterruptedException;

    /** The tokens of a text in which nothing means a control token. */
    List<Integer> encode(String text) throws InterruptedException;

    /** The text of tokens. */
    String decode(List<Integer> tokens) throws InterruptedException;

    /** The tokens of a prompt and of the steps after it: their own where they are told. */
    default List<Integer> encode(RenderedPrompt prompt, List<PrefixStep> prefix) throws InterruptedException {
        var tokens = new ArrayList<>(encode(prompt));
        for (var step : prefix) {
            tokens.addAll(step.tokenIds().isEmpty() ? encode(step.text()) : step.tokenIds());
        }
        return tokens;
    }

    @Override
    void close();
}
