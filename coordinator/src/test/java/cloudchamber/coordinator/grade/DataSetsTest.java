package cloudchamber.coordinator.grade;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.coordinator.grade.algebra.Comparison;
import cloudchamber.coordinator.grade.algebra.Edition;
import cloudchamber.coordinator.grade.algebra.Profile;
import cloudchamber.coordinator.grade.algebra.Reader;
import cloudchamber.coordinator.grade.algebra.Steps;
import cloudchamber.coordinator.grade.algebra.Value;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The gold answers of published data sets, from the directory that {@code CLOUDCHAMBER_DATASETS} names.
 * Without it these tests are skipped and say so.
 */
class DataSetsTest {
    private static final String VARIABLE = "CLOUDCHAMBER_DATASETS";

    private final Grader math = Graders.byId("math");

    /** Other ways to write an answer that must not change it. */
    private static final List<UnaryOperator<String>> REWRITINGS = List.of(
            gold -> gold.replace("\\dfrac", "\\frac").replace("\\frac", "\\tfrac"),
            gold -> gold.replace("\\dfrac", "\\frac").replace("\\frac", "\\dfrac"),
            gold -> gold.replace(" ", "  "),
            gold -> " " + gold + "\n",
            gold -> gold.replace("+", " + ").replace("=", " = "),
            gold -> gold.contains("text") || gold.contains("mbox") ? gold : gold.replace(" ", "\\;"),
            gold -> gold.replace("\\left", "").replace("\\right", ""),
            gold -> gold.contains("\\left") || gold.contains("text")
                    ? gold
                    : gold.replace("(", "\\left(").replace(")", "\\right)").replace("]", "\\right]"),
            gold -> "$" + gold + "$",
            gold -> "\\(" + gold + "\\)",
            gold -> "\\displaystyle " + gold,
            gold -> "{" + gold + "}",
            gold -> gold + ".",
            gold -> gold.replace("\\mbox", "\\text").replace("\\text{", "\\textrm{"),
            gold -> gold.replace("pmatrix", "bmatrix"));

    /**
     * All pairs of distinct MATH500 answers that are the same, looked at one by one: other spellings, a
     * unit left out, a name left out, the other order of two solutions, and half a turn.
     */
    private static final Set<String> SAME_IN_MATH500 = Set.of(
            "-2,1 and 1,-2",
            "10,\\!080 and 10080",
            "120 and 120^\\circ",
            "15 and 15\\mbox{ cm}^2",
            "2 \\sqrt{5} and 2\\sqrt{5}",
            "30 and 30^\\circ",
            "36 and 36^\\circ",
            "90 and 90^\\circ",
            "36 and \\$36",
            "\\frac14 and \\frac{1}{4}",
            "180^\\circ and \\pi",
            "5 and x=5");

    private static List<JsonNode> rows(String file) throws IOException {
        String directory = System.getenv(VARIABLE);
        String missing = VARIABLE + " is not set: the answers of " + file + " are not tested";
        if (directory == null) {
            System.err.println(missing);
        }
        assumeTrue(directory != null, missing);
        var mapper = new ObjectMapper();
        List<JsonNode> rows = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(directory, file))) {
            rows.add(mapper.readTree(line));
        }
        return rows;
    }

    private static List<String> answers(String file, String field) throws IOException {
        return rows(file).stream().map(row -> row.get(field).asText()).toList();
    }

    @Test
    void everyMath500AnswerIsReadAndEqualsItsRewritings() throws IOException {
        List<String> golds = answers("math500.jsonl", "answer");

        assertThat(golds).hasSize(500).allSatisfy(gold -> {
            assertThat(Reader.read(gold, Edition.SECOND, new Steps())).isNotInstanceOf(Value.Unread.class);
            for (UnaryOperator<String> rewriting : REWRITINGS) {
                String rewritten = rewriting.apply(gold);
                assertThat(math.correct(rewritten, gold)).as(rewritten).isTrue();
            }
            assertThat(math.extract("so the answer is $\\boxed{" + gold + "}$."))
                    .hasValueSatisfying(
                            answer -> assertThat(math.correct(answer, gold)).isTrue());
        });
    }

    /** What is found in a solution is the answer beside it. */
    @Test
    void everyMath500SolutionIsGradedRight() throws IOException {
        assertThat(rows("math500.jsonl")).hasSize(500).allSatisfy(row -> {
            String solution = row.get("solution").asText();
            assertThat(math.extract(solution))
                    .hasValueSatisfying(answer -> assertThat(
                                    math.correct(answer, row.get("answer").asText()))
                            .isTrue());
            assertThat(math.complete(solution)).isTrue();
        });
    }

    @Test
    void noTwoMath500AnswersOfDifferentValueAreTheSame() throws Exception {
        List<String> golds = new LinkedHashSet<>(answers("math500.jsonl", "answer"))
                .stream().sorted().toList();
        List<Value> values = golds.stream()
                .map(gold -> Reader.read(gold, Edition.SECOND, new Steps()))
                .toList();
        Set<String> same = new LinkedHashSet<>();
        for (int left = 0; left < golds.size(); left++) {
            for (int right = left + 1; right < golds.size(); right++) {
                if (new Comparison(Profile.STRICT, Edition.SECOND, new Steps())
                        .same(values.get(left), values.get(right))) {
                    same.add(golds.get(left) + " and " + golds.get(right));
                }
            }
        }

        assertThat(same).containsExactlyInAnyOrderElementsOf(SAME_IN_MATH500);
    }

    @Test
    void everyGsm8kAnswerIsANumber() throws IOException {
        List<String> golds = answers("gsm8k.jsonl", "answer");

        assertThat(golds).hasSize(1_319).allSatisfy(gold -> {
            String answer = math.extract(gold).orElseThrow();
            assertThat(math.canonical(answer)).matches("-?[0-9]+(/[0-9]+)?");
            assertThat(math.correct(answer, gold)).isTrue();
            assertThat(math.complete(gold + "\n")).isTrue();
        });
    }

    /** AIME pads with zeros; AMC answers are floating-point numbers. */
    @Test
    void competitionAnswersAreWholeNumbers() throws IOException {
        List<String> golds = new ArrayList<>(answers("aime24.jsonl", "answer"));
        golds.addAll(answers("amc23.jsonl", "answer"));

        assertThat(golds).hasSize(70).allSatisfy(gold -> {
            String whole = String.valueOf((long) Double.parseDouble(gold));
            assertThat(math.correct(whole, gold)).isTrue();
            assertThat(math.canonical(gold)).isEqualTo(whole);
        });
    }

    /** Prose among the answers cannot be read, and is compared as text: at most three of the 675. */
    @Test
    void olympiadAnswersAreRead() throws IOException {
        List<String> golds = rows("olympiadbench.jsonl").stream()
                .map(row -> row.get("final_answer").get(0).asText())
                .toList();

        assertThat(golds)
                .hasSize(675)
                .allSatisfy(gold ->
                        assertThat(math.equivalent(gold, " " + gold + " ")).isTrue());
        assertThat(golds.stream()
                        .filter(gold -> Reader.read(gold, Edition.SECOND, new Steps()) instanceof Value.Unread))
                .hasSizeLessThanOrEqualTo(3);
    }
}
