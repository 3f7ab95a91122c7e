package cloudchamber.prompt;

import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How a model wants its prompts. */
public sealed interface ChatTemplate permits ChatTemplate.Question, TurnTemplate, OwnTemplate {
    /** The metadata entry by which a model names its template. */
    String METADATA_KEY = "cloudchamber.template";

    /** The metadata entries under which a model's file spells its first and its last token. */
    String BEGINNING_KEY = "tokenizer.ggml.bos_token";

    String END_KEY = "tokenizer.ggml.eos_token";

    /** ChatML's name. */
    String CHAT_ML = "chatml";

    /** The name by which workers announce the template. */
    String id();

    /**
     * The prompt up to where the model's answer begins.
     *
     * @throws IllegalArgumentException if the template refuses the conversation or its arguments
     */
    RenderedPrompt render(Prompt prompt);

    /** Whether the template takes {@link Prompt#templateArguments}. */
    default boolean takesArguments() {
        return false;
    }

    /** The beginning token, then each message followed by an empty line; roles are not told apart. */
    record Question() implements ChatTemplate {
        public static final String ID = "question";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public RenderedPrompt render(Prompt prompt) {
            var parts = new ArrayList<Part>();
            parts.add(new Beginning());
            prompt.messages().forEach(message -> parts.add(new Plain(message.content() + "\n\n")));
            return new RenderedPrompt(parts);
        }
    }

    /** The names of the templates there are. */
    static List<String> ids() {
        return Stream.concat(Stream.of(Question.ID), TurnTemplate.NAMED.stream().map(TurnTemplate::id))
                .toList();
    }

    /** The template with this name. */
    static Optional<ChatTemplate> byId(String id) {
        if (id.equals(Question.ID)) {
            return Optional.of(new Question());
        }
        return TurnTemplate.NAMED.stream()
                .filter(template -> template.id().equals(id))
                .<ChatTemplate>map(template -> template)
                .findFirst();
    }

    /** ChatML with a default system message. */
    static ChatTemplate chatMl(Optional<String> defaultSystem) {
        return TurnTemplate.chatMl(CHAT_ML, defaultSystem);
    }

    /**
     * The template that a model's file or tokenizer carries.
     *
     * @param source in Jinja
     * @param beginning the spelling of the token that begins a text; empty for none
     * @param end the spelling of the token that ends one; empty for none
     * @throws IllegalArgumentException if the template has what is not known; the message names it
     */
    static ChatTemplate own(String source, String beginning, String end) {
        return OwnTemplate.of(source, beginning, end);
    }

    /**
     * The template of a model, by its file's metadata: the one it names under {@value #METADATA_KEY}; else its own,
     * {@code tokenizer.chat_template}.
     *
     * @throws IllegalArgumentException if it names none of ours, or its own cannot be rendered
     */
    static ChatTemplate of(Map<String, String> metadata) {
        String named = metadata.get(METADATA_KEY);
        String source = metadata.get("tokenizer.chat_template");
        if (named == null && source != null) {
            return own(source, metadata.getOrDefault(BEGINNING_KEY, ""), metadata.getOrDefault(END_KEY, ""));
        }
        return Optional.ofNullable(named)
                .flatMap(ChatTemplate::byId)
                .map(found -> found.id().equals(CHAT_ML) && source != null ? chatMl(defaultSystem(source)) : found)
                .orElseThrow(
                        () -> new IllegalArgumentException("a model must name a known template " + ids() + " under "
                                + METADATA_KEY + " or have a chat template of its own: "
                                + (named == null ? "has neither" : "names " + named)));
    }

    private static Optional<String> defaultSystem(String jinja) {
        var literal = Pattern.compile("'<\\|im_start\\|>system\\\\n([^'{}]*)<\\|im_end\\|>");
        var match = literal.matcher(jinja.replace("\n", "\\n"));
        return match.find() ? Optional.of(match.group(1)) : Optional.empty();
    }
}
