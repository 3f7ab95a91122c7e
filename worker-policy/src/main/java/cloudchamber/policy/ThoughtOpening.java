package cloudchamber.policy;

import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Step;
import cloudchamber.protocol.model.Thoughts;
import java.util.ArrayList;
import java.util.List;

/**
 * The opening of a thought that stands at the end of a prompt, as some templates have it. It is part of the prompt for
 * the model and of the first step's text for everybody else, who would not see a thought begin otherwise.
 *
 * @param text empty if the prompt ends outside of a thought
 */
public record ThoughtOpening(String text) {
    /** The one that a prompt ends in. */
    public static ThoughtOpening of(RenderedPrompt prompt) {
        return new ThoughtOpening(Thoughts.opening(prompt.text()));
    }

    /** The step after a prefix as others see it. */
    public Step shown(List<PrefixStep> prefix, Step step) {
        return text.isEmpty() || !prefix.isEmpty()
                ? step
                : new Step(
                        text + step.text(),
                        step.tokenIds(),
                        step.end(),
                        step.limit(),
                        step.logProbability(),
                        step.logProbabilityTokens());
    }

    /** A prefix as the model wrote it. */
    public List<PrefixStep> written(List<PrefixStep> prefix) {
        if (text.isEmpty() || prefix.isEmpty() || !prefix.getFirst().text().startsWith(text)) {
            return prefix;
        }
        var written = new ArrayList<>(prefix);
        written.set(
                0,
                new PrefixStep(
                        prefix.getFirst().text().substring(text.length()),
                        prefix.getFirst().tokenIds()));
        return written;
    }
}
