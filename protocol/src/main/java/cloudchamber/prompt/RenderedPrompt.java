package cloudchamber.prompt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A prompt in a model's own form, as parts in order. */
public record RenderedPrompt(List<Part> parts) {

    /** A piece of the prompt. */
    public sealed interface Part {
        /** As it would be spelled. */
        String text();
    }

    /** The token that begins a text, for models that want one. */
    public record Beginning() implements Part {
        @Override
        public String text() {
            return "";
        }
    }

    /** The spelling of a control token. */
    public record Control(String text) implements Part {}

    /** Plain text, in which nothing means a control token. */
    public record Plain(String text) implements Part {}

    public RenderedPrompt {
        parts = List.copyOf(parts);
    }

    /** The prompt with the controls that a vocabulary does not have as text, joined to the text around them. */
    public RenderedPrompt withControls(Predicate<String> known) {
        var joined = new ArrayList<Part>();
        for (var part : parts) {
            var own = part instanceof Control(String spelling) && !known.test(spelling) ? new Plain(spelling) : part;
            if (own instanceof Plain(String text)
                    && !joined.isEmpty()
                    && joined.getLast() instanceof Plain(String before)) {
                joined.set(joined.size() - 1, new Plain(before + text));
            } else {
                joined.add(own);
            }
        }
        return new RenderedPrompt(joined);
    }

    /** The whole prompt, spelled out. */
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }
}
