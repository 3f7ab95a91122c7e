package cloudchamber.prm.format;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.prompt.RenderedPrompt.Control;
import cloudchamber.prompt.RenderedPrompt.Part;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Message.Role;
import cloudchamber.protocol.model.Prompt;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each format against what its model's card or reference code shows. */
class PrmFormatTest {
    private static final Prompt QUESTION = Prompt.question("What is 1 + 2 + 3?");
    private static final List<String> STEPS = List.of("1 + 2 = 3\n\n", "3 + 3 = \\boxed{6}");

    private static ChatTemplate template(String id) {
        return ChatTemplate.byId(id).orElseThrow();
    }

    @Test
    void qwenHasAMarkerAfterEachStep() {
        var format = new PrmFormat.Qwen(template("qwen2.5-math"), true);
        var whole = format.whole(QUESTION, STEPS);

        assertThat(whole.text()).isEqualTo("""
                <|im_start|>system
                Please reason step by step, and put your final answer within \\boxed{}.<|im_end|>
                <|im_start|>user
                What is 1 + 2 + 3?<|im_end|>
                <|im_start|>assistant
                1 + 2 = 3<extra_0>3 + 3 = \\boxed{6}<extra_0><|im_end|>
                """);
        assertThat(whole.parts().stream().filter(Control.class::isInstance).map(Part::text))
                .containsExactly(
                        "<|im_start|>",
                        "<|im_end|>",
                        "<|im_start|>",
                        "<|im_end|>",
                        "<|im_start|>",
                        "<extra_0>",
                        "<extra_0>",
                        "<|im_end|>");
    }

    @Test
    void qwensSystemMessageIsTheJobsIfItHasOne() {
        var prompt = new Prompt(List.of(new Message(Role.SYSTEM, "Be brief."), new Message(Role.USER, "1 + 1?")));

        assertThat(new PrmFormat.Qwen(template("chatml"), true)
                        .whole(prompt, List.of("2"))
                        .text())
                .startsWith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n1 + 1?<|im_end|>\n");
    }

    @Test
    void modelAggregationShowsTheWholeAnswerAsOneStep() {
        var format = new PrmFormat.Qwen(template("qwen2.5-math"), false);

        assertThat(format.whole(QUESTION, STEPS).text())
                .endsWith("<|im_start|>assistant\n1 + 2 = 3\n\n3 + 3 = \\boxed{6}<extra_0><|im_end|>\n");
        assertThat(format.scoredSteps(7)).isOne();
    }

    @Test
    void mathShepherdHasATagAfterEachStep() {
        assertThat(new PrmFormat.MathShepherd().whole(QUESTION, STEPS).text())
                .isEqualTo("What is 1 + 2 + 3?\n 1 + 2 = 3 ки\n\n3 + 3 = \\boxed{6} ки");
    }

    @Test
    void rlhflowAnswersPlusToEachStep() {
        var rendered = new PrmFormat.Rlhflow(template("llama-3.1"))
                .upToScore(QUESTION, STEPS)
                .text();

        assertThat(rendered).endsWith("""
                        <|start_header_id|>user<|end_header_id|>

                        What is 1 + 2 + 3? 1 + 2 = 3<|eot_id|><|start_header_id|>assistant<|end_header_id|>

                        +<|eot_id|><|start_header_id|>user<|end_header_id|>

                        3 + 3 = \\boxed{6}<|eot_id|><|start_header_id|>assistant<|end_header_id|>

                        """);
    }

    @Test
    void skyworkHasALineEndAfterEachStep() {
        assertThat(new PrmFormat.Skywork("<|endoftext|>")
                        .upToScore(QUESTION, STEPS)
                        .text())
                .isEqualTo("<|endoftext|>What is 1 + 2 + 3?\n1 + 2 = 3\n3 + 3 = \\boxed{6}\n");
    }

    @Test
    void conversationIsClosedAsTheTemplateClosesAnAnswer() {
        assertThat(new PrmFormat.Conversation(template("chatml"))
                        .whole(QUESTION, STEPS)
                        .text())
                .isEqualTo("<|im_start|>user\nWhat is 1 + 2 + 3?<|im_end|>\n<|im_start|>assistant\n"
                        + "1 + 2 = 3\n\n3 + 3 = \\boxed{6}<|im_end|>\n");
        assertThat(new PrmFormat.Conversation(template("llama-3.1"))
                        .whole(QUESTION, STEPS)
                        .text())
                .endsWith("3 + 3 = \\boxed{6}<|eot_id|>");
    }

    @Test
    void judgeIsAskedAboutTheSteps() {
        var asked = new PrmFormat.Judge(template("chatml"), LabelFormat.judge())
                .upToScore(Prompt.question("What does {steps} mean?"), STEPS)
                .text();

        assertThat(asked).contains("What does {steps} mean?").contains("1 + 2 = 3\n\n3 + 3 = \\boxed{6}");
        assertThat(asked).endsWith("Answer Yes or No.<|im_end|>\n<|im_start|>assistant\n");
    }

    private static final PrmFormat.Model CHAT_ML = new PrmFormat.Model() {
        @Override
        public ChatTemplate template(Optional<String> usual) {
            return PrmFormatTest.template(usual.orElse("chatml"));
        }

        @Override
        public String text(String setting, String usual) {
            return usual;
        }
    };

    @Test
    void everyFormatIsFoundByItsName() {
        assertThat(PrmFormat.ALL).allSatisfy(published -> {
            assertThat(PrmFormat.byId(published.id())).isEqualTo(published);
            assertThat(published.of(CHAT_ML).id()).isEqualTo(published.id());
        });
        assertThat(PrmFormat.ALL.stream()
                        .<Class<?>>map(published -> published.of(CHAT_ML).getClass())
                        .collect(Collectors.toSet()))
                .containsExactlyInAnyOrder(PrmFormat.class.getPermittedSubclasses());
    }
}
