package cloudchamber.prm.llama;

import cloudchamber.engine.Tokenizer;
import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.List;

/** As head, steps, tail of a {@link LabelFormat}. */
public record FramedReading(ChatTemplate template, LabelFormat format) implements Reading {
    /*
     * The head (everything before the steps) and the steps stay in the engine's memory, so a child's request reads its
     * new step alone; the tail (what ends a step, or asks about it) is read anew each time and forgotten. Steps are
     * tokenised one by one, from their text: the policy's token ids belong to another vocabulary, and a prefix must
     * keep its tokens when more is appended.
     */
    private record Frame(RenderedPrompt head, RenderedPrompt tail) {}

    @Override
    public String id() {
        return template.id() + "+" + format.id();
    }

    @Override
    public Shown show(Tokenizer tokenizer, Prompt prompt, List<PrefixStep> prefix) {
        var frame = frame(prompt);
        var kept = tokenizer.encode(frame.head());
        for (PrefixStep step : prefix) {
            kept = kept.plus(tokenizer.encode(step.text()));
        }
        var stepEnd = prefix.getLast().text().endsWith(format.stepEnd()) ? "" : format.stepEnd();
        return new Shown(kept, tokenizer.encode(stepEnd).plus(tokenizer.encode(frame.tail())));
    }

    /** What stands before the steps and what after them. */
    private Frame frame(Prompt prompt) {
        int hole = format.user().indexOf(LabelFormat.STEPS);
        var question = prompt.lastQuestion();
        if (hole < 0) {
            var user = format.user().replace(LabelFormat.QUESTION, question);
            return new Frame(template.render(withUser(prompt, user)), new RenderedPrompt(List.of()));
        }
        var before = format.user().substring(0, hole).replace(LabelFormat.QUESTION, question);
        var after = format.user().substring(hole + LabelFormat.STEPS.length()).replace(LabelFormat.QUESTION, question);
        return split(template.render(withUser(prompt, before + after)).parts(), before, after);
    }

    private static Prompt withUser(Prompt prompt, String user) {
        var messages = new ArrayList<>(prompt.messages());
        messages.set(messages.size() - 1, new Message(Message.Role.USER, user));
        return new Prompt(messages);
    }

    /** Cuts a rendered prompt between {@code before} and {@code after}, which stand together in its last turn. */
    private static Frame split(List<Part> parts, String before, String after) {
        for (int index = parts.size() - 1; index >= 0; index--) {
            var text = parts.get(index).text();
            int at = text.lastIndexOf(before + after);
            if (at >= 0) {
                var head = new ArrayList<>(parts.subList(0, index));
                head.add(new Plain(text.substring(0, at + before.length())));
                var tail = new ArrayList<Part>();
                tail.add(new Plain(text.substring(at + before.length())));
                tail.addAll(parts.subList(index + 1, parts.size()));
                return new Frame(new RenderedPrompt(head), new RenderedPrompt(tail));
            }
        }
        throw new IllegalStateException("a template must repeat the user's turn: did not");
    }
}
