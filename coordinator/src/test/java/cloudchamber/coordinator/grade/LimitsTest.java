package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.grade.algebra.Edition;
import cloudchamber.coordinator.grade.algebra.Reader;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers come from models: whatever they hold, grading them ends, soon and without an exception. */
class LimitsTest {
    private final Grader math = Graders.of("math", Extraction.STANDARD);

    /** Pieces that make many texts which can be read, and more that nearly can. */
    private static final List<String> PIECES = List.of(
            "1",
            "2",
            "34",
            "0.5",
            "x",
            "y",
            "n",
            "e",
            "i",
            "+",
            "-",
            "*",
            "/",
            "^",
            "_",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "\\{",
            "\\}",
            ",",
            ";",
            " ",
            "=",
            "<",
            "\\le ",
            "\\frac",
            "\\frac{1}{2}",
            "\\sqrt",
            "\\sqrt[3]{",
            "\\pi",
            "\\pm",
            "\\text{",
            "\\text{ cm}",
            "^\\circ",
            "\\%",
            "\\sin ",
            "\\log_",
            "\\begin{pmatrix}",
            "\\end{pmatrix}",
            "&",
            "\\\\",
            "\\cup ",
            "\\infty",
            "!",
            "|",
            "\\left",
            "\\right",
            "\\cdot ",
            "\\binom",
            "apples",
            "^{12}",
            "\\$",
            "and",
            "\\boxed{",
            "99",
            "...",
            "\\overline{",
            "\\mid ",
            "\\in ",
            "\\lfloor ",
            "\u2212",
            "\uff11",
            "\u221a",
            "'",
            "e-3",
            "**",
            ":30",
            " pm",
            "_8",
            "\u00a5",
            "km/h",
            "`");

    static List<String> oversized() {
        return List.of(
                "9".repeat(1_900),
                "9".repeat(950) + "/" + "7".repeat(950),
                "(".repeat(1_900),
                "x^".repeat(900) + "x",
                "1" + "!".repeat(1_900),
                "-".repeat(1_900) + "1",
                "\\frac".repeat(300),
                "\\sqrt{1+".repeat(50) + "x" + "}".repeat(50),
                "(x+1)^{12}".repeat(50),
                "(".repeat(40) + "x" + "+1)^{12}".repeat(40),
                "\\sin(".repeat(40) + "x" + "+1)^{12}".repeat(40),
                "(a+b+c+d+e+f)^{12}",
                "\\pm1".repeat(100),
                "1,".repeat(900),
                "\\{\\pm1,".repeat(40),
                "7^{2500}+".repeat(200) + "1",
                "200!+".repeat(300) + "1",
                "\\binom{1000}{500}+".repeat(90) + "1",
                "\\sqrt{" + "7919".repeat(100) + "}",
                "\\text{".repeat(300),
                "1{,}000".repeat(250));
    }

    /** A tower of powers is never worked out, and text beyond the length limit is never taken apart. */
    @Test
    void theWorkIsBoundInSteps() {
        var tower = new Steps();
        Value read = Reader.read("10^{10^{10^{10}}}", Edition.SECOND, tower);
        assertThat(read).isInstanceOf(Value.Scalar.class);
        assertThat(tower.spent()).isLessThan(100);

        var braces = new Steps();
        assertThat(Reader.read("{".repeat(100_000), Edition.SECOND, braces)).isInstanceOf(Value.Unread.class);
        assertThat(braces.spent()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "(", "\\frac", "\\boxed{", "}", "\\text{", "1 ", "#### "})
    void aHundredThousandOfAnythingIsGraded(String piece) {
        String text = piece.repeat(100_000);

        assertThat(math.equivalent(text, text + piece)).isFalse();
        assertThat(math.equivalent(text, text)).isTrue();
        assertThat(math.complete(text)).isFalse();
        assertThat(math.extract(text + "\\boxed{7}")).contains("7");
    }

    @ParameterizedTest
    @MethodSource("oversized")
    void whatCostsTooMuchIsComparedAsText(String answer) {
        assertThat(math.equivalent(answer, " " + answer)).isTrue();
        assertThat(math.equivalent(answer, "17")).isFalse();
        assertThat(math.canonical(answer)).isEqualTo(math.canonical(answer + " "));
    }

    /** Five thousand texts of a fixed seed: no exception, and the laws of {@link Grader} hold. */
    @Test
    void anyTextIsGraded() {
        var random = new SplittableRandom(7);
        List<String> earlier = new ArrayList<>(List.of("1"));
        Map<String, String> firstOfKey = new HashMap<>();
        int read = 0;
        for (int count = 0; count < 5_000; count++) {
            String text = text(random);
            String other = earlier.get(random.nextInt(earlier.size()));
            earlier.add(text);

            assertThat(math.equivalent(text, other)).as(text + " and " + other).isEqualTo(math.equivalent(other, text));
            assertThat(math.equivalent(text, text + " ")).as(text).isTrue();
            assertThat(math.extract(text).filter(String::isBlank)).as(text).isEmpty();
            String first = firstOfKey.computeIfAbsent(math.canonical(text), key -> text);
            assertThat(math.equivalent(first, text)).as(first + " and " + text).isTrue();
            if (!(Reader.read(text, Edition.SECOND, new Steps()) instanceof Value.Unread)) {
                read++;
            }
        }
        assertThat(read).as("texts that could be read").isGreaterThan(100);
    }

    private static String text(SplittableRandom random) {
        var text = new StringBuilder();
        int pieces = 1 + random.nextInt(14);
        for (int piece = 0; piece < pieces; piece++) {
            text.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }
}
