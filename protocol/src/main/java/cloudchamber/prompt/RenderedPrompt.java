package cloudchamber.prompt;

import java.util.List;
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

    /** The whole prompt, spelled out. */
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }
}
