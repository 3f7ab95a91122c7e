package cloudchamber.coordinator.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import cloudchamber.coordinator.grade.Graders;
import cloudchamber.coordinator.sweep.DataSet.Item;
import cloudchamber.coordinator.sweep.DataSetReader.Fault;
import cloudchamber.coordinator.sweep.DataSetReader.Fields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        var contents = DataSetReader.read(Files.readAllBytes(Path.of(directory, file)), false, Fields.STANDARD);

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
        var contents = DataSetReader.read(bytes, false, Fields.STANDARD);

        assertThat(contents.faults()).containsExactly(new Fault(2, "must be UTF-8: is not"));
    }

    @Test
    void csvIsReadByItsHeader() {
        var csv = "id,question,answer\r\n1,\"What is 1,5 + 1?\nSay.\",2.5\r\n2,What is 2?,2\r\n";
        var contents = DataSetReader.read(csv.getBytes(StandardCharsets.UTF_8), true, Fields.STANDARD);

        assertThat(contents.faults()).isEmpty();
        assertThat(contents.items())
                .containsExactly(
                        new Item("1", "What is 1,5 + 1?\nSay.", "2.5", Map.of()),
                        new Item("2", "What is 2?", "2", Map.of()));
    }

    @Test
    void fieldsCanBeNamed() {
        var bytes = "{\"q\": \"a\", \"solution\": \"#### 3\", \"nr\": 7}".getBytes(StandardCharsets.UTF_8);
        var contents = DataSetReader.read(bytes, false, Fields.STANDARD.with("nr", "q", "solution"));

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

    private static DataSetReader.Contents read(String text) {
        return DataSetReader.read(text.getBytes(StandardCharsets.UTF_8), false, Fields.STANDARD);
    }
}
