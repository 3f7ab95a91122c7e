package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.coordinator.sweep.DataSetReader.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DataSetReaderTest {
    private static final String VARIABLE = "CLOUDCHAMBER_DATASETS";

    /** Every row of the published sets, without options; the answers of the first rows as people know them. */
    @ParameterizedTest
    @CsvSource({
        "math500.jsonl, 500, '\\left( 3, \\frac{\\pi}{2} \\right)'",
        "gsm8k.jsonl, 1319, 18",
        "aime24.jsonl, 30, 204",
        "amc23.jsonl, 40, 27",
        "olympiadbench.jsonl, 675, 2"
    })
    void publishedSetsLoadWholeWithoutOptions(String file, int rows, String firstAnswer) throws IOException {
        String directory = System.getenv(VARIABLE);
        String missing = VARIABLE + " is not set: " + file + " is not read";
        if (directory == null) {
            System.err.println(missing);
        }
        assumeTrue(directory != null, missing);
        var contents = DataSetReader.read(Files.readAllBytes(Path.of(directory, file)), false, DataSetLayout.STANDARD);

        assertThat(contents.faults()).isEmpty();
        assertThat(contents.items()).hasSize(rows);
        assertThat(contents.items().getFirst().answer()).isEqualTo(firstAnswer);
        assertThat(contents.items()).allSatisfy(item -> {
            assertThat(item.question()).isNotBlank();
            assertThat(Graders.math().correct(item.answer(), item.answer())).isTrue();
        });
    }

    @Test
    void aQuestionThatNoServerTakesIsAFault() {
        var longest = "x".repeat(100_000);
        var contents = read("""
                {"question": "%s", "answer": "1"}
                {"question": "%sx", "answer": "1"}
                {"question": "%s", "context": "y", "answer": "1"}
                """.formatted(longest, longest, longest));

        assertThat(contents.items()).hasSize(1);
        assertThat(contents.faults()).hasSize(2);
        assertThat(contents.faults().getFirst().toString()).contains("at most 100000 characters: had 100001");
    }

    @Test
    void answersComeInManyForms() {
        var contents = read("""
                {"question": "a", "answer": "so 3 + 4 = 7\\n#### 7"}
                {"question": "b", "answer": 27.0}
                {"question": "c", "answer": 12}
                {"question": "d", "final_answer": ["1", "2"]}
                {"problem": "e", "answer": "025", "level": "Level 3", "unique_id": "x/1.json"}
                {"question": "f", "answer": 2.50, "context": "Given g."}
                """);

        assertThat(contents.faults()).isEmpty();
        assertThat(contents.items()).extracting(Item::answer).containsExactly("7", "27", "12", "1, 2", "025", "2.5");
        assertThat(contents.items()).extracting(Item::id).containsExactly("p1", "p2", "p3", "p4", "x/1.json", "p6");
        assertThat(contents.items().get(4).tags()).isEqualTo(Map.of("level", "Level 3"));
        assertThat(contents.items().get(5).question()).isEqualTo("Given g.\n\nf");
    }

    @Test
    void aByteOrderMarkCarriageReturnsAndBlankLinesAreNoFaults() {
        var plain = read("{\"question\":\"a\",\"answer\":1}\n{\"question\":\"b\",\"answer\":2}\n");
        var windows = read("\uFEFF{\"question\":\"a\",\"answer\":1}\r\n\r\n{\"question\":\"b\",\"answer\":2}\r\n");

        assertThat(windows.faults()).isEmpty();
        assertThat(windows.items()).isEqualTo(plain.items());
        assertThat(windows.sha256()).isNotEqualTo(plain.sha256());
    }

    /** 10,000 lines, one of them broken: its number is told, and the others are whole. */
    @Test
    void aBrokenLineIsToldWithItsNumber() {
        var text = IntStream.rangeClosed(1, 10_000)
                .mapToObj(line -> line == 4711
                        ? "{\"question\": \"broken"
                        : "{\"question\": \"q" + line + "\", \"answer\": \"" + line + "\"}")
                .collect(Collectors.joining("\n"));
        var contents = read(text);

        assertThat(contents.faultCount()).isEqualTo(1);
        assertThat(contents.faults().getFirst().line()).isEqualTo(4711);
        assertThat(contents.faults().getFirst().detail()).startsWith("must be JSON");
        assertThat(contents.items()).hasSize(9_999);
    }

    @Test
    void everyKindOfFaultIsNamed() {
        var contents = read("""
                {"question": "a", "answer": "1", "id": "x"}
                {"question": "b", "answer": "1", "id": "x"}
                {"text": "c"}
                {"question": "d"}
                [1]
                {"question": "e", "question": "f", "answer": "1"}
                {"question": "g \\u0000", "answer": "1"}
                """);

        assertThat(contents.faults()).extracting(Fault::line).containsExactly(2, 3, 4, 5, 6, 7);
        assertThat(contents.faults().getFirst().detail()).isEqualTo("must have an id of its own: \"x\" stood before");
        assertThat(contents.faults().get(1).detail())
                .isEqualTo("must have a question, in a field problem or question or prompt or Problem or Question: has"
                        + " text");
    }

    @Test
    void ofManyFaultsAHundredAreToldAndAllAreCounted() {
        var contents = read("{}\n".repeat(250));

        assertThat(contents.faults()).hasSize(100);
        assertThat(contents.faultCount()).isEqualTo(250);
    }

    @Test
    void bytesThatAreNoTextAreAFaultOfTheirLine() {
        var bytes = "{\"question\":\"a\",\"answer\":1}\n{\"question\":\"\u00e9\",\"answer\":1}\n"
                .getBytes(StandardCharsets.ISO_8859_1);
        var contents = DataSetReader.read(bytes, false, DataSetLayout.STANDARD);

        assertThat(contents.faults()).containsExactly(new Fault(2, "must be UTF-8: is not"));
    }

    @Test
    void csvIsReadByItsHeader() {
        var csv = "id,question,answer\r\n1,\"What is 1,5 + 1?\nSay.\",2.5\r\n2,What is 2?,2\r\n";
        var contents = DataSetReader.read(csv.getBytes(StandardCharsets.UTF_8), true, DataSetLayout.STANDARD);

        assertThat(contents.faults()).isEmpty();
        assertThat(contents.items())
                .containsExactly(
                        new Item("1", "What is 1,5 + 1?\nSay.", "2.5", Map.of()),
                        new Item("2", "What is 2?", "2", Map.of()));
    }

    @Test
    void fieldsCanBeNamed() {
        var bytes = "{\"q\": \"a\", \"solution\": \"#### 3\", \"nr\": 7}".getBytes(StandardCharsets.UTF_8);
        var contents = DataSetReader.read(
                bytes, false, DataSetLayout.of(DataSetLayout.Fields.STANDARD.with("nr", "q", "solution")));

        assertThat(contents.items()).containsExactly(new Item("7", "a", "3", Map.of()));
    }

    @Test
    void anEmptyFileAndAHugeNumberAreTaken() {
        assertThat(read("\n\n").faults()).containsExactly(new Fault(1, "must hold a problem: the file is empty"));
        assertThat(read("{\"question\":\"a\",\"answer\":1e999999}")
                        .items()
                        .getFirst()
                        .answer())
                .isEqualTo("1E+999999");
    }

    /** As the MATH set is published: no answer but the box of the solution. */
    @Test
    void theAnswerStandsInTheBoxOfASolution() {
        var contents = read("""
                {"problem": "a", "level": "Level 1", "type": "Algebra", "solution": "so $x = \\\\boxed{\\\\frac{1}{2}}$."}
                {"problem": "b", "solution": "so it is two"}
                {"problem": "c", "solution": "is \\\\boxed{}"}
                """);

        assertThat(contents.items()).extracting(Item::answer).containsExactly("\\frac{1}{2}");
        assertThat(contents.items().getFirst().tags()).isEqualTo(Map.of("level", "Level 1", "type", "Algebra"));
        assertThat(contents.faults())
                .containsExactly(
                        new Fault(2, "must have an answer: its solution has no \\boxed answer"),
                        new Fault(3, "must have an answer: its solution has no \\boxed answer"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "['70']               | 70",
                "[\"70\"]             | 70",
                "['1', '2']           | 1, 2",
                "['\\\\frac{1}{2}']   | \\frac{1}{2}",
                "[0,1]                | [0,1]",
                "[70]                 | [70]",
                "so 7\\n#### 7        | 7"
            })
    void aPrintedListIsItsEntries(String published, String answer) {
        var row = DataSetRows.JSON.createObjectNode().put("question", "a");
        row.put("answer", published.replace("\\n", "\n"));

        assertThat(read(row.toString()).items()).extracting(Item::answer).containsExactly(answer);
    }

    @ParameterizedTest(name = "[{0}]")
    @ValueSource(
            strings = {"\"\"", "\" \"", "[]", "\"[]\"", "\"['']\"", "\"####\"", "\"so 7\\n#### \"", "\"\\\\boxed{}\""})
    void anEmptyAnswerIsRefusedByItsLine(String answer) {
        var contents =
                read("{\"question\": \"a\", \"answer\": 1}\n{\"question\": \"b\", \"answer\": " + answer + "}\n");

        assertThat(contents.items()).hasSize(1);
        assertThat(contents.faults()).containsExactly(new Fault(2, "must have an answer: it is blank"));
    }

    /** As MMLU, MedQA, ARC and AQuA have them. */
    @Test
    void choicesStandBehindTheQuestion() {
        var contents = read("""
                {"question": "a", "choices": ["3", "4", "5"], "answer": 1, "subject": "sums"}
                {"question": "b", "options": {"A": "x", "B": "y"}, "answer": "y", "answer_idx": "B"}
                {"question": "c", "choices": {"text": ["u", "v"], "label": ["1", "2"]}, "answerKey": "2"}
                {"question": "d", "options": ["A)21", "B)22"], "rationale": "long", "correct": "A"}
                {"question": "e", "choices": ["u", "v"], "answer": "w"}
                {"question": "f", "choices": ["u", "v"], "answer": 2}
                {"question": "g", "choices": ["u"], "answer": 0}
                """);

        assertThat(contents.items().getFirst())
                .isEqualTo(new Item("p1", "a\n\nA) 3\nB) 4\nC) 5", "B", Map.of("subject", "sums")));
        assertThat(contents.items()).extracting(Item::answer).containsExactly("B", "B", "B", "A");
        assertThat(contents.items().get(3).question()).isEqualTo("d\n\nA) 21\nB) 22");
        assertThat(contents.faults()).extracting(Fault::line).containsExactly(5, 6, 7);
        assertThat(contents.choices()).isTrue();
    }

    /** As GPQA has them: the right one would always be the first. */
    @Test
    void choicesAreShuffledByTheirSeed() {
        var rows = IntStream.rangeClosed(1, 60)
                .mapToObj(
                        row -> "{\"Record ID\": \"r" + row + "\", \"Question\": \"q\", \"Correct Answer\": \"right\","
                                + " \"Incorrect Answer 1\": \"x\", \"Incorrect Answer 2\": \"y\", \"Incorrect Answer 3\": \"z\"}")
                .collect(Collectors.joining("\n"));
        var zero = read(rows);
        var seven = read(rows, new DataSetLayout(DataSetLayout.Fields.STANDARD, 7L, List.of()));

        assertThat(zero.faults()).isEmpty();
        assertThat(zero.items()).extracting(Item::answer).contains("A", "B", "C", "D");
        assertThat(zero.items()).allSatisfy(item -> assertThat(item.question()).contains(item.answer() + ") right"));
        assertThat(read(rows)).isEqualTo(zero);
        assertThat(seven.items()).isNotEqualTo(zero.items());
        assertThat(seven.sha256()).isNotEqualTo(zero.sha256());
    }

    /** As SVAMP has it. */
    @Test
    void theBodyStandsBeforeTheQuestion() {
        var contents = read("""
                [{"ID": "chal-1", "Body": "Jack has 8 pens.", "Question": "How many?", "Equation": "( 8.0 )", "Answer": 8.0, "Type": "Sum"}]
                """);

        assertThat(contents.items())
                .containsExactly(new Item(
                        "chal-1", "Jack has 8 pens.\n\nHow many?", "8", Map.of("Equation", "( 8.0 )", "Type", "Sum")));
    }

    @Test
    void aFieldThatWouldBeLostIsNamedOnce() {
        var text = "{\"question\": \"a\", \"answer\": 1, \"table\": [1, 2]}\n"
                .repeat(3)
                .replace("\"a\"", "\"a\"");
        var contents = read(text);
        var ignoring = read(text, new DataSetLayout(DataSetLayout.Fields.STANDARD, null, List.of("tab*")));

        assertThat(contents.faults())
                .containsExactly(new Fault(
                        1,
                        "has a field \"table\" that would be lost: name it as one of id, context, question, answer,"
                                + " solution, choices, or let it be ignored"));
        assertThat(ignoring.faults()).isEmpty();
        assertThat(read("{\"question\": \"a\", \"answer\": 1, \"story\": \"" + "long ".repeat(20) + "\"}")
                        .faults())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rows.jsonl",
                "array.json",
                "pretty.json",
                "wrapped.json",
                "rows.jsonl.gz",
                "snappy.parquet",
                "gzip.parquet"
            })
    void everyFormatHoldsTheSameRows(String file) throws IOException {
        var bytes = Objects.requireNonNull(DataSetReaderTest.class.getResourceAsStream(file))
                .readAllBytes();
        var contents = DataSetReader.read(bytes, false, DataSetLayout.STANDARD);

        assertThat(contents.faults()).isEmpty();
        assertThat(contents.items())
                .containsExactly(
                        new Item("a", "What is 3 + 4?\n\nA) 6\nB) 7", "B", Map.of("subject", "sums")),
                        new Item("b", "Which is even?\n\nA) 3\nB) 4\nC) 5", "B", Map.of("subject", "parity")));
    }

    @Test
    void brokenFilesAreFaults() {
        assertThat(read("[{\"question\": \"a\", \"answer\": 1},").faultCount()).isEqualTo(1);
        assertThat(read("[{\"question\": \"a\"\n\n, \"answer\": 1}, 5]").faults())
                .containsExactly(new Fault(3, "must be a JSON object: is another value"));
        assertThat(read("PAR1 and no more").faults().getFirst().detail()).startsWith("must be Parquet");
        var packed = DataSetReader.read(new byte[] {0x1F, (byte) 0x8B, 1, 2}, false, DataSetLayout.STANDARD);
        assertThat(packed.faults().getFirst().detail()).startsWith("must be whole: the gzip file");
    }

    private static DataSetReader.Contents read(String text, DataSetLayout layout) {
        return DataSetReader.read(text.getBytes(StandardCharsets.UTF_8), false, layout);
    }

    private static DataSetReader.Contents read(String text) {
        return DataSetReader.read(text.getBytes(StandardCharsets.UTF_8), false, DataSetLayout.STANDARD);
    }
}
