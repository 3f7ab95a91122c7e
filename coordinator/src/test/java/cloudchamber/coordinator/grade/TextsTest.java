package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the second edition of the rules finds in whole texts. */
class TextsTest {

    /**
     * A text and the answer in it.
     *
     * @param answer empty for none
     */
    record Text(String grader, String format, String kind, String text, String answer) {
        @Override
        public String toString() {
            return grader + " " + format + ": " + text + " => " + answer;
        }
    }

    /** The table {@code texts.txt}: a heading says grader, format and kind. */
    static List<Text> texts() {
        List<Text> texts = new ArrayList<>();
        String[] heading = {"", "", ""};
        for (String line : Cases.lines("texts.txt")) {
            int arrow = line.lastIndexOf(" => ");
            if (line.isBlank() || line.startsWith("# ")) {
                continue;
            }
            if (arrow < 0) {
                heading = line.substring(1, line.length() - 1).split(" |: ", 3);
                continue;
            }
            texts.add(new Text(
                    heading[0],
                    heading[1],
                    heading[2],
                    line.substring(0, arrow).replace("\\n", "\n"),
                    line.substring(arrow + 4).strip()));
        }
        return texts;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void theAnswerIsFound(Text text) {
        var grader = Graders.of(text.grader(), Extraction.of(text.format()));

        assertThat(grader.extract(text.text()).orElse("")).isEqualTo(text.answer());
    }

    @Test
    void theTablesAreLargeEnough() {
        var texts = texts();
        var pairs = Cases.second();

        assertThat(texts.size() + pairs.size()).isGreaterThanOrEqualTo(250);
        assertThat(texts.stream().filter(text -> text.answer().isEmpty()).count()
                        + pairs.stream().filter(pair -> !pair.same()).count())
                .isGreaterThanOrEqualTo(80);
    }

    /** Of texts as the bundled models write them, whole and cut anywhere, both editions find the same. */
    @Test
    void textsOfTheBundledModelsAreReadAsBefore() {
        var random = new SplittableRandom(5);
        var first = Graders.byId("math");
        for (int count = 0; count < 2_000; count++) {
            var text = new StringBuilder();
            int value = random.nextInt(100);
            for (int line = random.nextInt(1, 6); line > 0; line--) {
                int other = random.nextInt(100);
                char sign = "+-*".charAt(random.nextInt(3));
                int result = sign == '+' ? value + other : sign == '-' ? value - other : value * other;
                text.append("%d %s %d = %d\n\n".formatted(value, sign, other, result));
                value = Math.floorMod(result, 100);
            }
            text.append("\\boxed{").append(value).append('}');
            var cut = text.substring(0, random.nextInt(1, text.length() + 1));

            assertThat(Graders.math().extract(cut)).as(cut).isEqualTo(first.extract(cut));
        }
    }

    /** An answer that a box holds is the same in both editions, whatever text stands around it. */
    @ParameterizedTest
    @ValueSource(strings = {"18", "\\frac{3}{4}", "x = 5", "(1, 2)", "\\text{east}", "-7", "0.5"})
    void aBoxIsReadAsBefore(String answer) {
        for (String text :
                List.of("so $\\boxed{%s}$.", "\\boxed{%s}", "a\n\n\\boxed{%s}\n\nb", "\\boxed{%s} and \\boxed{}")) {
            var whole = text.formatted(answer);
            assertThat(Graders.math().extract(whole))
                    .contains(answer)
                    .isEqualTo(Graders.byId("math").extract(whole));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "result: (\\d+)            | result: 5, result: 7                | 7",
                "result: (?P<answer>\\w+)!  | result: 5, result: abc!             | abc",
                "[A-E]                     | B or C                              | C",
                "(\\d+) of (?P<answer>\\d+) | 3 of 4                              | 4",
                "x = (.*)                  | x = $5$.                            | 5"
            })
    void aPatternTakesItsLastMatch(String pattern, String text, String answer) {
        assertThat(Graders.of("math", Extraction.matching(pattern)).extract(text))
                .contains(answer);
    }

    @Test
    void aPatternThatDoesNotMatchFindsNothing() {
        assertThat(Graders.of("math", Extraction.matching("result: (\\d+)")).extract("\\boxed{4}"))
                .isEmpty();
        assertThat(Graders.of("math", Extraction.matching("x = (.*)")).extract("x =  ."))
                .isEmpty();
    }

    /** A base model goes on with another question. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "The answer is 5.\\n\\nQuestion: What is 2 + 4?\\nAnswer: 6 | 5",
                "Question: What is 2 + 3?\\nAnswer: 5\\n\\nQuestion: What is 2 + 4?\\nAnswer: 6 | 5",
                "#### 5\\n\\nQuestion: What is 2 + 4?\\n#### 6 | 5",
                "\\boxed{5}\\n\\nQ: What? \\boxed{6} | 5",
                "The answer is 5. | 5"
            })
    void whatFollowsAStopIsNotRead(String text, String answer) {
        var extraction = Extraction.STANDARD.cutAt(List.of("\n\nQuestion:", "\n\nQ:"));

        assertThat(Graders.of("math", extraction).extract(text.replace("\\n", "\n")))
                .contains(answer);
    }

    /** {@code at-mark} is the same in both editions. */
    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {"\\boxed{5}", "#### Step 1\n", "#### 18", "\\boxed{answer} b", "43", "\\boxed{1", "Answer: 5\n"})
    void theMarkThatEndsAParticleIsAsBefore(String text) {
        for (String id : Graders.ids()) {
            assertThat(Graders.of(id, Extraction.STANDARD).complete(text))
                    .isEqualTo(Graders.byId(id).complete(text));
        }
    }

    @Test
    void exactTakesTheWordsAsTheyStand() {
        var exact = Graders.of("exact", Extraction.STANDARD);

        assertThat(exact.extract("Answer: New York")).contains("New York");
        assertThat(exact.extract("so \\boxed{x+1}")).contains("x+1");
        assertThat(exact.extract("I think 5")).isEmpty();
        assertThat(Graders.of("text", Extraction.STANDARD).extract(" a \n b ")).contains("a \n b");
    }

    @Test
    void numbersWithATolerancesAreFoundAsMathematics() {
        var numeric = Graders.of("numeric(0.05)", Extraction.STANDARD);

        assertThat(numeric.extract("Answer: 3.14")).contains("3.14");
        assertThat(numeric.correct("3,1e0", "3.14")).isFalse();
        assertThat(numeric.correct("3.1e0", "3.14")).isTrue();
        assertThat(numeric.correct("３.１", "3.14")).isTrue();
        assertThat(numeric.correct("3.0", "3.14")).isFalse();
    }

    /** Asserted by finishing: a quadratic scan of these would take minutes. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{",
                "\\boxed{",
                "\\boxed{}",
                "answer is ",
                "Answer: ",
                "answer\n",
                "9",
                "9 ",
                "9/",
                "$",
                "$$",
                "\\(",
                "\\[",
                "\\frac",
                "####",
                "#### 1\n",
                "**",
                "(A)",
                "A) ",
                "A is correct ",
                "\n",
                "answer to ",
                "and 3 was ",
                "\u221a",
                "1:",
                "e-3",
                "\u7b54\u6848",
                "<answer>",
                "$5 and ",
                "\\boxed{$",
                "a.m. ",
                "! "
            })
    void longTextsAreScannedOnce(String piece) {
        String text = piece.repeat(100_000 / piece.length());
        for (String id : List.of("math", "choice", "exact")) {
            for (String format : Extraction.FORMATS) {
                Graders.of(id, Extraction.of(format)).extract(text);
            }
        }
        assertThat(Graders.math().extract(text + "\n\nSo it is \\boxed{7}")).contains("7");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"(", "[a", "(?=a)", "a{2000}", ""})
    void aPatternThatCannotBeRunIsRefused(String pattern) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Extraction.matching(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pattern");
    }
}
