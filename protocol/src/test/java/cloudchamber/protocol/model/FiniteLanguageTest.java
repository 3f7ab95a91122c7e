package cloudchamber.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.protocol.model.FiniteLanguage.Hmm;
import cloudchamber.protocol.model.FiniteLanguage.Tree;
import cloudchamber.protocol.model.FiniteLanguage.TreeNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ObjDoubleConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FiniteLanguageTest {

    static Stream<FiniteLanguage> languages() {
        return Stream.concat(
                Stream.of(new Hmm(List.of(1.0), List.of(List.of(1.0)), List.of(0.0), 1), tree()),
                IntStream.rangeClosed(1, 5).mapToObj(states -> randomHmm(states, 3)));
    }

    /** The law of whole texts is a law: every prefix goes on with probability 1 or is finished. */
    @ParameterizedTest
    @MethodSource("languages")
    void movesOfEveryPrefixSumToOneAndSoDoTheTexts(FiniteLanguage language) {
        var total = new double[1];

        walk(language, List.of(), 1, (path, probability) -> total[0] += probability);

        assertThat(total[0]).isCloseTo(1, within(1e-9));
    }

    @ParameterizedTest
    @MethodSource("languages")
    void finishedTextHasARewardAndNoMoves(FiniteLanguage language) {
        walk(language, List.of(), 1, (path, probability) -> {
            assertThat(language.reward(path)).isBetween(0.0, 1.0);
            assertThatIllegalArgumentException().isThrownBy(() -> language.moves(path));
        });
    }

    /** A method that generates whole texts in one go asks for the reward of one long step. */
    @ParameterizedTest
    @MethodSource("languages")
    void rewardDependsOnTheTextAloneNotOnHowItWasCutIntoSteps(FiniteLanguage language) {
        walk(
                language,
                List.of(),
                1,
                (path, probability) -> assertThat(language.reward(List.of(String.join("", path))))
                        .isEqualTo(language.reward(path)));
    }

    @ParameterizedTest
    @MethodSource("languages")
    void whatIsNoPathIsRefused(FiniteLanguage language) {
        assertThatIllegalArgumentException().isThrownBy(() -> language.reward(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> language.reward(List.of("x")));
        assertThatIllegalArgumentException().isThrownBy(() -> language.moves(List.of("x")));
        assertThatIllegalArgumentException().isThrownBy(() -> language.reward(List.of("0".repeat(100))));
    }

    private static void walk(
            FiniteLanguage language, List<String> path, double probability, ObjDoubleConsumer<List<String>> text) {
        double sum = 0;
        for (var move : language.moves(path)) {
            sum += move.probability();
            var next = new ArrayList<>(path);
            next.add(move.text());
            if (move.last()) {
                text.accept(next, probability * move.probability());
            } else {
                walk(language, next, probability * move.probability(), text);
            }
        }
        assertThat(sum).as("moves of %s", path).isCloseTo(1, within(FiniteLanguage.SUM_TOLERANCE));
    }

    /** A definition that must be refused, and the sentence that says so. */
    record Wrong(String sentence, Supplier<FiniteLanguage> language) {
        @Override
        public String toString() {
            return sentence;
        }
    }

    static Stream<Wrong> wrongDefinitions() {
        var one = List.of(1.0);
        return Stream.of(
                wrong("initial must sum to 1: sums to 0.5", () -> new Hmm(List.of(.5), List.of(one), one, 1)),
                wrong(
                        "initial must be between 0.0 and 1.0: was 1.5",
                        () -> new Hmm(List.of(1.5, -.5), List.of(one), one, 1)),
                wrong(
                        "the number of states must be between 1 and 10: was 0",
                        () -> new Hmm(List.of(), List.of(), List.of(), 1)),
                wrong(
                        "transition and reward must have a row a state, 1: had 2 and 1",
                        () -> new Hmm(one, List.of(one, one), one, 1)),
                wrong(
                        "transition and reward must have a row a state, 1: had 1 and 2",
                        () -> new Hmm(one, List.of(one), List.of(.1, .2), 1)),
                wrong("transition[0] must have 1 entries: had 2", () -> new Hmm(one, List.of(List.of(.5, .5)), one, 1)),
                wrong("transition[0] must sum to 1: sums to 0.25", () -> new Hmm(one, List.of(List.of(.25)), one, 1)),
                wrong(
                        "reward[0] must be between 0.0 and 1.0: was NaN",
                        () -> new Hmm(one, List.of(one), List.of(Double.NaN), 1)),
                wrong("steps must be at least 1: was 0", () -> new Hmm(one, List.of(one), one, 0)),
                wrong("every path must end in a final node: these do not: []", () -> new Tree(List.of())),
                wrong(
                        "every path must end in a final node: these do not: [A]",
                        () -> new Tree(List.of(node("A", null, 1, false)))),
                wrong(
                        "the parent of node \"B\" must stand before it: \"A\" does not",
                        () -> new Tree(List.of(node("B", "A", 1, true), node("A", null, 1, false)))),
                wrong(
                        "a final node has no children: \"A\" has \"B\"",
                        () -> new Tree(List.of(node("A", null, 1, true), node("B", "A", 1, true)))),
                wrong(
                        "node ids must differ: \"B\" stands twice",
                        () -> new Tree(List.of(
                                node("A", null, 1, false), node("B", "A", .5, true), node("B", "A", .5, true)))),
                wrong(
                        "paths must differ: \"A.B\" is the path of two nodes, one is \"A.B\"",
                        () -> new Tree(List.of(
                                node("A", null, .5, false), node("B", "A", 1, true), node("A.B", null, .5, true)))),
                wrong(
                        "children of \"A\" must sum to 1: sums to 0.5",
                        () -> new Tree(List.of(node("A", null, 1, false), node("B", "A", .5, true)))),
                wrong("node id must not be blank: was \"\"", () -> new Tree(List.of(node("", null, 1, true)))),
                wrong(
                        "p of node A must be between 0.0 and 1.0: was -0.1",
                        () -> new Tree(List.of(node("A", null, -.1, true)))));
    }

    @ParameterizedTest
    @MethodSource("wrongDefinitions")
    void definitionOfNoLanguageIsRefusedWithWhatWasExpectedAndSeen(Wrong wrong) {
        assertThatIllegalArgumentException().isThrownBy(wrong.language()::get).withMessage(wrong.sentence());
    }

    @Test
    void answerOfATreeIsItsPath() {
        var texts = new ArrayList<String>();

        walk(tree(), List.of(), 1, (path, probability) -> texts.add(String.join("", path)));

        assertThat(texts).containsExactly("A.A1", "A.A2.A21", "B");
    }

    private static Wrong wrong(String sentence, Supplier<FiniteLanguage> language) {
        return new Wrong(sentence, language);
    }

    private static TreeNode node(String id, String parent, double probability, boolean last) {
        return new TreeNode(id, parent, probability, .5, last);
    }

    private static Tree tree() {
        return new Tree(List.of(
                node("A", null, .7, false),
                node("B", null, .3, true),
                node("A1", "A", .6, true),
                node("A2", "A", .4, false),
                node("A21", "A2", 1, true)));
    }

    private static Hmm randomHmm(int states, int steps) {
        var random = new CounterRandom(states);
        return new Hmm(
                law(states, random),
                Stream.generate(() -> law(states, random)).limit(states).toList(),
                Stream.generate(random::nextDouble).limit(states).toList(),
                steps);
    }

    private static List<Double> law(int states, CounterRandom random) {
        var weights = random.doubles(states, .1, 1).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(weight -> weight / sum).boxed().toList();
    }
}
