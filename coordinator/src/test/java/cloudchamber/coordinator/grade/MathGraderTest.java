package cloudchamber.coordinator.grade;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.coordinator.grade.Cases.Case;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MathGraderTest {
    private final Grader strict = Graders.byId("math");
    private final Grader paper = Graders.byId("math-paper");
    private final Grader second = Graders.of("math", Extraction.STANDARD);

    @ParameterizedTest(name = "{0}")
    @MethodSource("cloudchamber.coordinator.grade.Cases#strict")
    void strictSaysWhatTheTableSays(Case pair) {
        assertVerdict(strict, pair);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cloudchamber.coordinator.grade.Cases#paper")
    void thePaperSaysWhatTheTableSays(Case pair) {
        assertVerdict(paper, pair);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({
        "cloudchamber.coordinator.grade.Cases#second",
        "cloudchamber.coordinator.grade.Cases#strictUnderTheSecondEdition"
    })
    void theSecondEditionSaysWhatTheTablesSay(Case pair) {
        assertVerdict(second, pair);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cloudchamber.coordinator.grade.Cases#paper")
    void thePaperSaysTheSameUnderTheSecondEdition(Case pair) {
        assertVerdict(Graders.of("math-paper", Extraction.STANDARD), pair);
    }

    /** A stored vote was counted by the first edition: these pairs it takes in another way. */
    @Test
    void theFirstEditionStaysAsItWas() {
        List<Case> unlike = Cases.second().stream()
                .filter(pair -> strict.equivalent(pair.first(), pair.second()) != pair.same())
                .toList();

        assertThat(unlike).hasSizeGreaterThan(80);
        assertThat(strict.equivalent("2e-3", "-3+2e")).isTrue();
        assertThat(second.equivalent("2e-3", "-3+2e")).isFalse();
        assertThat(second.equivalent("2e-3", "0.002")).isTrue();
    }

    /** Both ways round, and every answer is itself. */
    private static void assertVerdict(Grader grader, Case pair) {
        assertThat(grader.equivalent(pair.first(), pair.second())).isEqualTo(pair.same());
        assertThat(grader.equivalent(pair.second(), pair.first())).isEqualTo(pair.same());
        assertThat(grader.equivalent(pair.first(), pair.first() + " ")).isTrue();
    }

    @Test
    void theTableIsLargeEnoughInEveryKind() {
        List<Case> cases = Cases.strict();

        assertThat(cases).hasSizeGreaterThanOrEqualTo(300);
        assertThat(cases.stream().filter(pair -> !pair.same())).hasSizeGreaterThanOrEqualTo(100);
        assertThat(cases.stream().collect(groupingBy(Case::kind, counting())))
                .hasSizeGreaterThanOrEqualTo(20)
                .allSatisfy((kind, count) -> assertThat(count).as(kind).isGreaterThanOrEqualTo(10));
    }

    /** Votes are counted by key before anything is compared, so no key may join what a grader parts. */
    @ParameterizedTest
    @ValueSource(strings = {"math", "math-paper", "choice", "exact", "text", "numeric(0.01)"})
    void answersWithOneKeyAreEquivalent(String id) {
        assertKeysJoinOnlyEquivalents(Graders.byId(id));
        assertKeysJoinOnlyEquivalents(Graders.of(id, Extraction.STANDARD));
    }

    private static void assertKeysJoinOnlyEquivalents(Grader grader) {
        Map<String, String> firstOfKey = new HashMap<>();

        Stream.of(Cases.strict(), Cases.second(), Cases.paper())
                .flatMap(List::stream)
                .flatMap(pair -> Stream.of(pair.first(), pair.second()))
                .distinct()
                .forEach(answer -> {
                    String first = firstOfKey.computeIfAbsent(grader.canonical(answer), key -> answer);
                    assertThat(grader.equivalent(first, answer))
                            .as(first + " and " + answer)
                            .isTrue();
                });
    }

    /** What votes are mostly about must not need a comparison. */
    @Test
    void equalAnswersOfSimpleKindsShareAKey() {
        List<String> simple =
                List.of("integers", "fractions", "decimals", "points", "sets", "matrices", "words", "choices");

        List<Case> parted = Cases.strict().stream()
                .filter(Case::same)
                .filter(pair -> simple.contains(pair.kind()))
                .filter(pair -> !strict.canonical(pair.first()).equals(strict.canonical(pair.second())))
                .toList();

        // a name left out is seen only when answers are compared
        assertThat(parted).extracting(Case::toString).containsExactly("points: (x,y)=(1,2) == (1,2)");
    }

    @Test
    void thePaperForgivesWhatStrictDoesNot() {
        assertThat(paper.correct("5", "500")).isTrue();
        assertThat(strict.correct("5", "500")).isFalse();
        assertThat(paper.correct("10000.5", "10000")).isTrue();
        assertThat(strict.correct("10000.5", "10000")).isFalse();
        assertThat(paper.correct("25", "025")).isTrue();
        assertThat(strict.correct("25", "025")).isTrue();
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource(
            delimiter = '|',
            commentCharacter = '~',
            value = {"18 | She has 9 * 2 = 18.\\n#### 18", "1234 | #### 1,234", "25 | 025", "27 | 27.0"})
    void theGoldOfADataSetIsRead(String answer, String gold) {
        assertThat(strict.correct(answer, gold.replace("\\n", "\n"))).isTrue();
        assertThat(strict.correct(answer + "1", gold.replace("\\n", "\n"))).isFalse();
    }
}
