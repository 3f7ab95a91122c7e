package cloudchamber.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.console.CommandFailure;
import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.sweep.DataSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataSetFileTest {
    private static final Path EXAMPLES = Path.of("examples", "datasets");

    @TempDir
    private Path folder;

    /** Each example with a row as the set is published, and what a good reply gives. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "math | math.jsonl | {\"problem\": \"a\", \"level\": \"Level 1\", \"type\": \"Algebra\", \"solution\": \"is \\\\boxed{7}\"} | so \\boxed{7} | math",
                "gsm8k | gsm8k.jsonl | {\"question\": \"a\", \"answer\": \"3+4=<<3+4=7>>7\\n#### 7\"} | #### 7\\n\\nQuestion: b\\n#### 8 | math",
                "aime | aime24.jsonl | {\"id\": 60, \"problem\": \"a\", \"solution\": \"long\", \"answer\": \"007\", \"url\": \"u\"} | \\boxed{7} | math",
                "svamp | svamp.json | [{\"ID\": \"chal-1\", \"Body\": \"b\", \"Question\": \"a\", \"Equation\": \"( 3.0 + 4.0 )\", \"Answer\": 7.0, \"Type\": \"Addition\"}] | Answer: 7 | math",
                "gpqa | gpqa.csv | Record ID,Question,Pre-Revision Question,Correct Answer,Incorrect Answer 1\\nr1,a,long long long long long long long long long long long long long long,7,8 | - | choice"
            })
    void theExamplesReadWhatIsPublished(String name, String rows, String row, String reply, String grader)
            throws IOException {
        Files.copy(EXAMPLES.resolve(name + ".yaml"), folder.resolve(name + ".yaml"));
        Files.writeString(folder.resolve(rows), row.replace("\\n", rows.endsWith(".csv") ? "\n" : "\\n"));

        DataSet set = LocalDataSets.at(folder.resolve(name + ".yaml")).read(null);

        assertThat(set.name()).isEqualTo(name);
        assertThat(set.grader()).isEqualTo(grader);
        assertThat(set.systemPrompt()).isNotBlank();
        var item = set.items().getFirst();
        var said = reply.equals("-") ? "Answer: " + item.answer() : reply.replace("\\n", "\n");
        assertThat(set.foundBy().extract(said))
                .hasValueSatisfying(answer ->
                        assertThat(set.foundBy().correct(answer, item.answer())).isTrue());
    }

    @Test
    void mmluIsParquetWithChoices() throws IOException {
        var example = Files.readString(EXAMPLES.resolve("mmlu.yaml"));

        assertThat(example).contains("path: mmlu.parquet").contains("grader: choice");
    }

    @Test
    void aFileSaysHowItsRowsAreReadAndGraded() throws IOException {
        Files.writeString(folder.resolve("rows.json"), "[{\"q\": \"a\", \"a\": \"2\", \"notes\": [1]}]");
        var file = folder.resolve("mine.yaml");
        Files.writeString(file, """
                path: rows.json
                name: mine-2
                grader: numeric(0.05)
                extraction: {pattern: "= (.*)", stops: ["Q:"]}
                systemPrompt: Be brief.
                fields: {question: q, answer: a}
                ignore: [no*]
                """);

        var source = LocalDataSets.at(file);
        var set = source.read(null);

        assertThat(set.extraction()).isEqualTo(Extraction.matching("= (.*)").cutAt(List.of("Q:")));
        assertThat(set.name()).isEqualTo("mine-2");
        assertThat(set.items().getFirst().question()).isEqualTo("a");
        assertThat(source.read("exact").grader()).isEqualTo("exact");
        assertThat(source.query(null))
                .contains("name=mine-2", "grader=numeric%280.05%29", "questionField=q", "ignore=no*", "extraction=%7B");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "'name: x'                              | must have a path",
                "'path: r.json, grader: maths'          | grader must be one of",
                "'path: r.json, extraction: box'        | format must be one of",
                "'path: r.json, shuffle: often'         | shuffle must be a whole number",
                "'path: r.json, fields: {quest: q}'     | fields must name those of",
                "'path: r.json, colour: red'            | must have only the fields",
                "'path: r.json, extraction: {form: a}'  | extraction may have format"
            })
    void aFaultIsNamedWithItsLine(String content, String detail) throws IOException {
        var file = folder.resolve("mine.yaml");
        Files.writeString(file, "{" + content + "}");

        assertThatThrownBy(() -> LocalDataSets.at(file))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining(file + ":1")
                .hasMessageContaining(detail);
    }
}
