package cloudchamber.prompt;

import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A conversation as turns between marks, as data. The assistant's opening begins the answer.
 *
 * @param defaultSystem what the system says when the prompt does not begin with a system message; empty: it
 *     says nothing
 * @param trims whether spaces around what is said are dropped
 */
record TurnTemplate(String id, Optional<String> defaultSystem, boolean trims, Turn system, Turn user, Turn assistant)
        implements ChatTemplate {
    /*
     * As the models' own templates have them. Llama 3.1 tells the model two dates, the second of which is the
     * day of the request unless one is given; ours is the one the model's makers give, always, so that a
     * prompt is the same tomorrow.
     */
    private static final String LLAMA_DATES = "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";

    private static final String QWEN_SYSTEM = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.";
    private static final String QWEN_MATH_SYSTEM =
            "Please reason step by step, and put your final answer within \\boxed{}.";

    /** Every template of this kind that has a name, ChatML without a default system message. */
    static final List<TurnTemplate> NAMED = List.of(
            chatMl("chatml", Optional.empty()),
            chatMl("qwen2.5", Optional.of(QWEN_SYSTEM)),
            chatMl("qwen2.5-math", Optional.of(QWEN_MATH_SYSTEM)),
            llama("llama-3", Optional.empty(), ""),
            llama("llama-3.1", Optional.of(""), LLAMA_DATES),
            llama("llama-3.2", Optional.of(""), LLAMA_DATES),
            alike("phi-4", Optional.empty(), false, TurnTemplate::phiTurn),
            new TurnTemplate(
                    "mistral-v7",
                    Optional.empty(),
                    false,
                    mistralTurn("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"),
                    mistralTurn("[INST]", "[/INST]"),
                    new Turn(List.of(), "", List.of(new Control("</s>")))));

    /**
     * How one role speaks.
     *
     * @param opening marks before it
     * @param lead text that what is said is joined to
     * @param closing marks after it
     */
    record Turn(List<Part> opening, String lead, List<Part> closing) {
        Turn withLead(UnaryOperator<String> change) {
            return new Turn(opening, change.apply(lead), closing);
        }
    }

    @Override
    public RenderedPrompt render(Prompt prompt) {
        var parts = new ArrayList<Part>();
        parts.add(new Beginning());
        if (prompt.messages().getFirst().role() != Message.Role.SYSTEM) {
            defaultSystem.ifPresent(text -> say(parts, system, text));
        }
        for (var message : prompt.messages()) {
            say(parts, turn(message.role()), trims ? message.content().strip() : message.content());
        }
        parts.addAll(assistant.opening());
        addText(parts, assistant.lead());
        return new RenderedPrompt(parts);
    }

    private Turn turn(Message.Role role) {
        return switch (role) {
            case SYSTEM -> system;
            case USER -> user;
            case ASSISTANT -> assistant;
        };
    }

    private static void say(List<Part> parts, Turn turn, String text) {
        parts.addAll(turn.opening());
        addText(parts, turn.lead() + text);
        parts.addAll(turn.closing());
    }

    private static void addText(List<Part> parts, String text) {
        if (!text.isEmpty()) {
            parts.add(new Plain(text));
        }
    }

    /** ChatML: {@code <|im_start|>role\ncontent<|im_end|>\n}, a turn after another. */
    static TurnTemplate chatMl(String id, Optional<String> defaultSystem) {
        return alike(id, defaultSystem, false, TurnTemplate::chatMlTurn);
    }

    private static Turn chatMlTurn(String role) {
        return new Turn(
                List.of(new Control("<|im_start|>")), role + "\n", List.of(new Control("<|im_end|>"), new Plain("\n")));
    }

    private static TurnTemplate llama(String id, Optional<String> defaultSystem, String systemLead) {
        var plain = alike(id, defaultSystem, true, TurnTemplate::llamaTurn);
        return new TurnTemplate(
                id,
                defaultSystem,
                true,
                plain.system().withLead(lead -> lead + systemLead),
                plain.user(),
                plain.assistant());
    }

    private static Turn llamaTurn(String role) {
        return new Turn(
                List.of(new Control("<|start_header_id|>"), new Plain(role), new Control("<|end_header_id|>")),
                "\n\n",
                List.of(new Control("<|eot_id|>")));
    }

    private static Turn phiTurn(String role) {
        return new Turn(
                List.of(new Control("<|im_start|>"), new Plain(role), new Control("<|im_sep|>")),
                "",
                List.of(new Control("<|im_end|>")));
    }

    private static Turn mistralTurn(String opening, String closing) {
        return new Turn(List.of(new Control(opening)), "", List.of(new Control(closing)));
    }

    private interface TurnOfRole {
        Turn of(String role);
    }

    private static TurnTemplate alike(String id, Optional<String> defaultSystem, boolean trims, TurnOfRole turn) {
        return new TurnTemplate(id, defaultSystem, trims, turn.of("system"), turn.of("user"), turn.of("assistant"));
    }
}
