package cloudchamber.engine.template;

import cloudchamber.engine.fault.EngineException;
import cloudchamber.engine.fault.EngineException.Category;
import cloudchamber.engine.template.RenderedPrompt.Beginning;
import cloudchamber.engine.template.RenderedPrompt.Control;
import cloudchamber.engine.template.RenderedPrompt.Part;
import cloudchamber.engine.template.RenderedPrompt.Plain;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a model wants its prompts. */
public sealed interface ChatTemplate {
    /** The metadata entry by which a model names its template. */
    String METADATA_KEY = "cloudchamber.template";

    /** The name by which workers announce the template. */
    String id();

    /** The prompt up to where the model's answer begins. */
    RenderedPrompt render(Prompt prompt);

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

    /**
     * ChatML: {@code <|im_start|>role\ncontent<|im_end|>\n}, a turn after another.
     *
     * @param defaultSystem what the system says when the prompt does not begin with a system message
     */
    record ChatMl(Optional<String> defaultSystem) implements ChatTemplate {
        public static final String ID = "chatml";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public RenderedPrompt render(Prompt prompt) {
            var parts = new ArrayList<Part>();
            if (prompt.messages().getFirst().role() != Message.Role.SYSTEM) {
                defaultSystem.ifPresent(text -> turn(parts, "system", text));
            }
            for (var message : prompt.messages()) {
                turn(parts, message.role().name().toLowerCase(Locale.ROOT), message.content());
            }
            parts.add(new Control("<|im_start|>"));
            parts.add(new Plain("assistant\n"));
            return new RenderedPrompt(parts);
        }

        private static void turn(List<Part> parts, String role, String content) {
            parts.add(new Control("<|im_start|>"));
            parts.add(new Plain(role + "\n" + content));
            parts.add(new Control("<|im_end|>"));
            parts.add(new Plain("\n"));
        }
    }

    /**
     * The template of a model, by its file's metadata: the one it names under {@value #METADATA_KEY}; else
     * ChatML if its {@code tokenizer.chat_template} writes ChatML, with the default system message that
     * stands there.
     *
     * @throws EngineException {@code MODEL_UNSUPPORTED} if it names none of ours
     */
    static ChatTemplate of(Map<String, String> metadata) {
        String named = metadata.get(METADATA_KEY);
        String jinja = metadata.getOrDefault("tokenizer.chat_template", "");
        if (Question.ID.equals(named)) {
            return new Question();
        }
        if (ChatMl.ID.equals(named) || named == null && jinja.contains("<|im_start|>")) {
            return new ChatMl(defaultSystem(jinja));
        }
        throw new EngineException(
                Category.MODEL_UNSUPPORTED,
                "a model must name a known template (" + Question.ID + ", " + ChatMl.ID + ") under " + METADATA_KEY
                        + " or have a ChatML chat template: "
                        + (named == null ? "has neither" : "names " + named));
    }

    private static Optional<String> defaultSystem(String jinja) {
        var literal = Pattern.compile("'<\\|im_start\\|>system\\\\n([^'{}]*)<\\|im_end\\|>");
        var match = literal.matcher(jinja.replace("\n", "\\n"));
        return match.find() ? Optional.of(match.group(1)) : Optional.empty();
    }
}
