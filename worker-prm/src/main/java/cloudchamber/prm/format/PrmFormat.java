package cloudchamber.prm.format;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt;
import cloudchamber.prompt.RenderedPrompt.Beginning;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.prompt.RenderedPrompt.Plain;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Message.Role;
import cloudchamber.protocol.model.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a PRM is shown a prefix. Pure. A step is shown without the line ends that close it, unless the format says
 * otherwise.
 */
public sealed interface PrmFormat {

    /** What Qwen's models were trained to be told. */
    String QWEN_SYSTEM = "Please reason step by step, and put your final answer within \\boxed{}.";

    /** The formats there are. A new one is a record of this file and an entry here. */
    List<Published> ALL = List.of(
            new Published(
                    Qwen.ID,
                    Rows.STEPS,
                    1,
                    false,
                    model -> new Qwen(model.template(Optional.of("qwen2.5-math")), true)),
            new Published(
                    Qwen.WHOLE_ID,
                    Rows.STEPS,
                    1,
                    false,
                    model -> new Qwen(model.template(Optional.of("qwen2.5-math")), false)),
            new Published(MathShepherd.ID, Rows.STEPS, 0, true, model -> new MathShepherd()),
            new Published(
                    Rlhflow.ID, Rows.TOKENS, 0, true, model -> new Rlhflow(model.template(Optional.of("llama-3.1")))),
            new Published(
                    Skywork.ID, Rows.TOKENS, 1, false, model -> new Skywork(model.text("beginning", "<|endoftext|>"))),
            new Published(
                    Conversation.ID,
                    Rows.TOKENS,
                    1,
                    false,
                    model -> new Conversation(model.template(Optional.empty()))),
            new Published(
                    Judge.ID,
                    Rows.TOKENS,
                    1,
                    false,
                    model -> new Judge(model.template(Optional.empty()), LabelFormat.judge())));

    /** Which rows a pooling server answers. */
    enum Rows {
        /** One a step: pooling STEP. */
        STEPS,
        /** One a token: pooling ALL. The last is of the last step. */
        TOKENS
    }

    /** What a configuration or a file says of one model. */
    interface Model {
        /**
         * The model's chat template.
         *
         * @param usual that of the published model; empty if there is none that is usual
         * @throws IllegalArgumentException if none is named, or one that there is not
         */
        ChatTemplate template(Optional<String> usual);

        /** A setting, or what stands for it. */
        String text(String setting, String usual);
    }

    /**
     * A format by its name.
     *
     * @param rows which rows a pooling server usually answers
     * @param goodColumn which of the two numbers of a row speaks for a step
     * @param readInProcess whether two label tokens are read where its text ends, as the engine can
     * @param maker makes it for a model
     */
    record Published(String id, Rows rows, int goodColumn, boolean readInProcess, Function<Model, PrmFormat> maker) {
        public PrmFormat of(Model model) {
            return maker.apply(model);
        }
    }

    /**
     * The format with this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    static Published byId(String id) {
        return ALL.stream()
                .filter(format -> format.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("format must be one of "
                        + ALL.stream().map(Published::id).toList() + ": was " + id));
    }

    /** The names of the formats that the engine can read in this process. */
    static List<String> readInProcess() {
        return ALL.stream().filter(Published::readInProcess).map(Published::id).toList();
    }

    /** By which configurations and announcements name it. */
    String id();

    /** Everything the PRM reads of a prefix of at least one step. */
    RenderedPrompt whole(Prompt prompt, List<String> steps);

    /** The same up to where the last step's score is read. */
    RenderedPrompt upToScore(Prompt prompt, List<String> steps);

    /** How many steps the PRM sees in a prefix of {@code steps}. */
    default int scoredSteps(int steps) {
        return steps;
    }

    /**
     * Qwen2.5-Math-PRM: a conversation whose answer has a marker token after each step; two labels are read at each
     * marker, the second of them good.
     *
     * @param perStep whether each step has its marker; else the whole answer has one (the papers' "model
     *     aggregation")
     */
    record Qwen(ChatTemplate template, boolean perStep) implements PrmFormat {
        public static final String ID = "qwen-prm";
        public static final String WHOLE_ID = "qwen-prm-whole";
        static final String MARKER = "<extra_0>";

        @Override
        public String id() {
            return perStep ? ID : WHOLE_ID;
        }

        @Override
        public int scoredSteps(int steps) {
            return perStep ? steps : 1;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            return closed(template, upToScore(prompt, steps));
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            var parts = new ArrayList<>(
                    template.render(withSystem(prompt, QWEN_SYSTEM)).parts());
            var shown = perStep ? steps : List.of(String.join("", steps));
            for (var step : shown) {
                parts.add(new Plain(step.stripTrailing()));
                parts.add(new Control(MARKER));
            }
            return new RenderedPrompt(parts);
        }
    }

    /**
     * Math-Shepherd: question and steps in one text, a tag after each step; the tokens "+" and "-" are compared at
     * each tag. A system message stands on a line of its own in front, as in the codes of the paper.
     */
    record MathShepherd() implements PrmFormat {
        public static final String ID = "math-shepherd";
        static final String TAG = " ки";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            var text = new StringBuilder();
            for (var message : prompt.messages()) {
                text.append(message.content()).append('\n');
            }
            var separator = " ";
            for (var step : steps) {
                text.append(separator).append(step.stripTrailing()).append(TAG);
                separator = "\n\n";
            }
            return new RenderedPrompt(List.of(new Beginning(), new Plain(text.toString())));
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            return whole(prompt, steps);
        }
    }

    /**
     * RLHFlow: a conversation in which the user says the steps one by one, the first together with the question, and
     * the assistant answers "+" to each; the tokens "+" and "-" are compared where the last answer begins.
     */
    record Rlhflow(ChatTemplate template) implements PrmFormat {
        public static final String ID = "rlhflow";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public int scoredSteps(int steps) {
            return 1;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            return upToScore(prompt, steps);
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            var turns = new ArrayList<Message>();
            var said = prompt.lastQuestion() + " ";
            for (var step : steps) {
                if (!turns.isEmpty()) {
                    turns.add(new Message(Role.ASSISTANT, "+"));
                }
                turns.add(new Message(Role.USER, said + step.stripTrailing()));
                said = "";
            }
            return template.render(new Prompt(turns));
        }
    }

    /** Skywork-o1-Open-PRM: the question and each step on lines of their own; one value is read at each line end. */
    record Skywork(String beginning) implements PrmFormat {
        public static final String ID = "skywork";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public int scoredSteps(int steps) {
            return 1;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            return upToScore(prompt, steps);
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            var parts = new ArrayList<Part>();
            parts.add(new Control(beginning));
            parts.add(new Plain(prompt.lastQuestion() + "\n"));
            for (var step : steps) {
                parts.add(new Plain(step.stripTrailing() + "\n"));
            }
            return new RenderedPrompt(parts);
        }
    }

    /** A scalar reward model: the whole conversation, the answer so far as its last turn. */
    record Conversation(ChatTemplate template) implements PrmFormat {
        public static final String ID = "conversation";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public int scoredSteps(int steps) {
            return 1;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            var parts = new ArrayList<>(template.render(prompt).parts());
            parts.add(new Plain(String.join("", steps).stripTrailing()));
            return closed(template, new RenderedPrompt(parts));
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            return whole(prompt, steps);
        }
    }

    /** A chat model that is asked whether the steps so far are right. */
    record Judge(ChatTemplate template, LabelFormat labels) implements PrmFormat {
        public static final String ID = "judge";

        @Override
        public String id() {
            return ID;
        }

        @Override
        public int scoredSteps(int steps) {
            return 1;
        }

        @Override
        public RenderedPrompt whole(Prompt prompt, List<String> steps) {
            return upToScore(prompt, steps);
        }

        @Override
        public RenderedPrompt upToScore(Prompt prompt, List<String> steps) {
            var messages = new ArrayList<>(prompt.messages());
            messages.set(
                    messages.size() - 1,
                    new Message(Role.USER, labels.userTurn(prompt.lastQuestion(), String.join("", steps))));
            return template.render(new Prompt(messages));
        }
    }

    private static Prompt withSystem(Prompt prompt, String system) {
        if (prompt.messages().getFirst().role() == Role.SYSTEM) {
            return prompt;
        }
        var messages = new ArrayList<Message>();
        messages.add(new Message(Role.SYSTEM, system));
        messages.addAll(prompt.messages());
        return new Prompt(messages);
    }

    /** A conversation whose last turn is closed as the template closes an assistant's turn. */
    private static RenderedPrompt closed(ChatTemplate template, RenderedPrompt open) {
        var answer = "\u0001";
        var parts = template.render(new Prompt(List.of(
                        new Message(Role.USER, ""), new Message(Role.ASSISTANT, answer), new Message(Role.USER, ""))))
                .parts();
        var closed = new ArrayList<>(open.parts());
        for (int index = 0; index + 1 < parts.size(); index++) {
            if (parts.get(index).text().endsWith(answer) && parts.get(index + 1) instanceof Control) {
                closed.add(parts.get(index + 1));
                if (index + 2 < parts.size() && parts.get(index + 2).text().equals("\n")) {
                    closed.add(parts.get(index + 2));
                }
            }
        }
        return new RenderedPrompt(closed);
    }
}
