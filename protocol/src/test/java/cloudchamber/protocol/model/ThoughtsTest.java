package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThoughtsTest {
    private static final String ANALYSIS = "<|channel|>analysis<|message|>2+2?<|end|>";

    @ParameterizedTest(name = "[{0}]")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "4|4|false",
                "<think>a</think>4|4|false",
                "<think>a|``|true",
                "a</think>4|4|false",
                "a</think>|``|false",
                "◁think▷a◁/think▷4|4|false",
                "◁think▷a|``|true",
                "<think></think>4|4|false",
                "1<think>a</think>2<think>b</think>3|123|false",
                "1<think>a</think>2<think>b|12|true",
                "a</think>1<think>b</think>2|12|false",
                "</think>4|4|false",
                "<thin|<thin|false"
            })
    void thoughtsAreNotSaid(String text, String said, boolean open) {
        assertThat(Thoughts.said(text)).isEqualTo(said);
        assertThat(Thoughts.open(text)).isEqualTo(open);
        assertThat(Thoughts.in(text)).isEqualTo(!text.equals(said));
    }

    @Test
    void channelsOfGptOssAreTold() {
        var last = "<|start|>assistant<|channel|>final<|message|>";
        assertThat(Thoughts.said(ANALYSIS + last + "It is 4.")).isEqualTo("It is 4.");
        assertThat(Thoughts.said("<|channel|>final<|message|>It is 4.")).isEqualTo("It is 4.");
        assertThat(Thoughts.said(ANALYSIS + "<|start|>assistant<|channel|>commentary<|message|>x<|end|>" + last + "4"))
                .isEqualTo("4");
        assertThat(Thoughts.open(ANALYSIS + last)).isFalse();
        for (var cut : List.of("<|channel|>", "<|channel|>analysis", "<|channel|>analysis<|message|>2", ANALYSIS)) {
            assertThat(Thoughts.open(cut)).as(cut).isTrue();
            assertThat(Thoughts.said(cut)).as(cut).isEmpty();
        }
    }

    /** What closes a thought closes it, and what is said then is said. */
    @Test
    void anOpenThoughtCanBeClosed() {
        for (var cut :
                List.of("<think>a", "◁think▷a", "<|channel|>analysis<|message|>a", "1<think>a</think>2<think>")) {
            var closed = cut + Thoughts.closing(cut);

            assertThat(Thoughts.open(closed)).as(closed).isFalse();
            assertThat(Thoughts.said(closed + "4")).as(closed).isEqualTo(Thoughts.said(cut) + "4");
            assertThat(Thoughts.closing(closed)).isEmpty();
        }
    }

    @Test
    void aPromptMayOpenTheThought() {
        assertThat(Thoughts.opening("<|im_start|>assistant\n<think>\n")).isEqualTo("<think>\n");
        assertThat(Thoughts.opening("assistant\n◁think▷")).isEqualTo("◁think▷");
        assertThat(Thoughts.opening("assistant\n<think>\n\n</think>\n\n")).isEmpty();
        assertThat(Thoughts.opening("assistant\n")).isEmpty();
    }

    /** The stretches of any text are the text, and kinds take turns wherever a thought is whole. */
    @Test
    void stretchesAreTheText() {
        var random = new Random(7);
        var pieces = List.of(
                "<think>",
                "</think>",
                "◁think▷",
                "◁/think▷",
                "<|channel|>",
                "analysis",
                "final",
                "<|message|>",
                "<|end|>",
                "<|start|>assistant",
                "a",
                "\n\n");
        for (int count = 0; count < 20_000; count++) {
            var text = random.ints(random.nextInt(9), 0, pieces.size())
                    .mapToObj(pieces::get)
                    .collect(Collectors.joining());
            var stretches = Thoughts.of(text);

            assertThat(stretches.stream().map(Thoughts.Stretch::text).collect(Collectors.joining()))
                    .isEqualTo(text);
            assertThat(stretches).noneMatch(stretch -> stretch.text().isEmpty());
            assertThat(Thoughts.open(text + Thoughts.closing(text))).as(text).isFalse();
            assertThat(Thoughts.said(text))
                    .isEqualTo(stretches.stream()
                            .filter(stretch -> !stretch.thought())
                            .map(Thoughts.Stretch::text)
                            .collect(Collectors.joining()));
        }
    }

    /** Asserted by finishing: a quadratic scan of these would take minutes. */
    @Test
    void longTextsAreScannedOnce() {
        for (var piece : List.of(
                "<think>", "</think>", "<think></think>", "<|channel|>", "<|channel|>a<|message|>", "<|start|>")) {
            var text = piece.repeat(100_000);
            assertThat(Thoughts.of(text)).isNotEmpty();
            Thoughts.said(text);
            Thoughts.closing(text);
        }
    }
}
