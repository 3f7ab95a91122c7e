package cloudchamber.protocol.model;

import java.util.List;

/**
 * What a problem asks: a conversation that ends with the user's turn. The worker that serves the model
 * renders it with the model's template.
 *
 * @param messages at least one; the last is the user's
 * @param templateArguments what the template is told beside them, as the text of a JSON object; null for nothing
 */
public record Prompt(List<Message> messages, String templateArguments) {
    public Prompt {
        messages = Checks.copy(messages, "messages");
        if (messages.isEmpty() || messages.getLast().role() != Message.Role.USER) {
            throw new IllegalArgumentException("a prompt must end with a USER message: was "
                    + messages.stream().map(Message::role).toList());
        }
    }

    /** One whose template is told nothing else. */
    public Prompt(List<Message> messages) {
        this(messages, null);
    }

    /** The same with what the template is told; null for nothing. */
    public Prompt withTemplateArguments(String arguments) {
        return new Prompt(messages, arguments);
    }

    /** A single question, no system prompt. */
    public static Prompt question(String text) {
        return new Prompt(List.of(new Message(Message.Role.USER, text)));
    }

    /** The last thing the user said. */
    public String lastQuestion() {
        return messages.getLast().content();
    }
}
