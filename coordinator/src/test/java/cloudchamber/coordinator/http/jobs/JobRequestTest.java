package cloudchamber.coordinator.http.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloudchamber.coordinator.grade.Extraction;
import cloudchamber.coordinator.http.api.AvailableModels;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.method.catalog.Methods;
import cloudchamber.protocol.model.Budget;
import cloudchamber.protocol.model.Limits;
import cloudchamber.protocol.model.Message;
import cloudchamber.protocol.model.Sampling;
import cloudchamber.protocol.model.method.MethodSettings;
import cloudchamber.protocol.model.method.ParticleFilterSettings;
import cloudchamber.protocol.model.method.Resampling;
import cloudchamber.protocol.model.method.Target;
import cloudchamber.protocol.model.method.TemperatureSchedule;
import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigFactory;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobRequestTest {
    private static final HttpSettings BOUNDS = HttpSettings.from(ConfigFactory.load());
    private static final AvailableModels SERVED = new AvailableModels(Map.of("bundled", 4096), Set.of("bundled"));

    @Test
    void readsTheDocumentedRequest() {
        var job = valid("""
                {"problems":[{"id":"p1","question":"Evaluate 3 + 4."}],
                 "method":{"id":"particle-filter","particles":8,"target":"final"},
                 "policy":"bundled","prm":"bundled","seed":7}""");

        assertThat(job.id()).isEqualTo("job-1");
        assertThat(job.problems()).extracting(JobSpecification.Question::id).containsExactly("p1");
        assertThat(job.problems().getFirst().prompt().lastQuestion()).isEqualTo("Evaluate 3 + 4.");
        assertThat(job.method()).isEqualTo(ParticleFilterSettings.standard().withParticles(8));
        assertThat(job.seed()).isEqualTo(7);
    }

    @Test
    void whatIsLeftOutIsAsUsual() {
        var job = valid("""
                {"problems":[{"question":"a"},{"question":"b"},{"id":"mine","question":"c"}]}""");

        assertThat(job.problems()).extracting(JobSpecification.Question::id).containsExactly("p1", "p2", "mine");
        assertThat(job.method()).isEqualTo(ParticleFilterSettings.standard());
        assertThat(job.policy()).isEqualTo("bundled");
        assertThat(job.prm()).isEqualTo("bundled");
        assertThat(job.sampling()).isEqualTo(new Sampling(.8, 0, 1, 0));
        assertThat(job.limits()).isEqualTo(new Limits(40, 512, 8192));
        assertThat(job.stops()).containsExactly("\n\n");
        assertThat(job.seed()).isZero();
        assertThat(job.grader()).isEqualTo("math");
    }

    @Test
    void everySettingCanBeGiven() {
        var job = valid("""
                {"problems":[{"question":"a"}], "policy":"small", "prm":"judge:small", "grader":"text",
                 "seed":-9223372036854775808,
                 "method":{"particles":4,"target":"product","resampling":"multinomial","essThreshold":1,
                           "softmaxTemperature":{"start":4,"rounds":3},"aggregation":"last","selection":"argmax"},
                 "sampling":{"temperature":1,"topP":0.9,"topK":40,"minP":0.1,"maxSteps":8,"maxStepTokens":96,
                             "maxTokens":500,"stops":["\\n","##"]}}""");

        var method = (ParticleFilterSettings) job.method();
        assertThat(method.target()).isEqualTo(Target.PRODUCT);
        assertThat(method.resampling()).isEqualTo(Resampling.MULTINOMIAL);
        assertThat(method.essThreshold()).isEqualTo(1);
        assertThat(method.softmaxTemperature()).isEqualTo(new TemperatureSchedule(4, 1, 3));
        assertThat(job.sampling()).isEqualTo(new Sampling(1, 40, .9, .1));
        assertThat(job.limits()).isEqualTo(new Limits(8, 96, 500));
        assertThat(job.stops()).containsExactly("\n", "##");
        assertThat(job.grader()).isEqualTo("text");
        assertThat(job.seed()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void aSystemPromptAndExamplesStandBeforeEveryQuestion() {
        var job = valid("""
                {"problems":[{"question":"a"},{"question":"b"}],"systemPrompt":"Be brief.",
                 "examples":[{"question":"1 + 1?","answer":"2"}]}""");

        assertThat(job.problems()).hasSize(2);
        assertThat(job.problems().getLast().prompt().messages())
                .containsExactly(
                        new Message(Message.Role.SYSTEM, "Be brief."),
                        new Message(Message.Role.USER, "1 + 1?"),
                        new Message(Message.Role.ASSISTANT, "2"),
                        new Message(Message.Role.USER, "b"));
    }

    @Test
    void aBudgetAndAPriorityAreRead() {
        var job = valid("""
                {"problems":[{"question":"a"}],"budget":{"generations":12,"tokens":500,"seconds":1.5},"priority":4,
                 "method":{"id":"islands"}}""");

        assertThat(job.method().budget()).isEqualTo(12);
        assertThat(job.budget()).isEqualTo(new Budget(500L, 1.5));
        assertThat(job.priority()).isEqualTo(4);
        assertThat(valid("{\"problems\":[{\"question\":\"a\"}],\"budget\":{\"generations\":3}}")
                        .budget())
                .isNull();
    }

    static Stream<Arguments> impossibleExtras() {
        return Stream.of(
                arguments("\"budget\":{\"generations\":1},\"method\":{\"particles\":1}", "/budget/generations"),
                arguments(
                        "\"budget\":{\"generations\":1},\"method\":{\"id\":\"particle-gibbs\"}", "/budget/generations"),
                arguments("\"budget\":{\"tokens\":0}", "/budget/tokens"),
                arguments("\"budget\":{\"seconds\":0}", "/budget/seconds"),
                arguments("\"budget\":{\"seconds\":\"1\"}", "/budget/seconds"),
                arguments("\"budget\":{\"minutes\":1}", "/budget/minutes"),
                arguments("\"priority\":0", "/priority"),
                arguments("\"systemPrompt\":\" \"", "/systemPrompt"),
                arguments("\"examples\":{}", "/examples"),
                arguments("\"examples\":[{\"question\":\"a\"}]", "/examples/0/answer"));
    }

    @ParameterizedTest
    @MethodSource("impossibleExtras")
    void whatIsWrongWithAPromptABudgetOrAPriorityIsNamed(String extra, String pointer) {
        assertThat(invalid("{\"problems\":[{\"question\":\"a\"}]," + extra + "}")
                        .faults())
                .extracting(ApiError.Fault::pointer)
                .contains(pointer);
    }

    @Test
    void aNumberIsAConstantTemperature() {
        var job = valid("""
                {"problems":[{"question":"a"}],"method":{"softmaxTemperature":0.5}}""");

        assertThat(((ParticleFilterSettings) job.method()).softmaxTemperature())
                .isEqualTo(TemperatureSchedule.constant(.5));
    }

    /** What is usual for a target goes with it: the published ones resample in every round, and the best score wins. */
    @Test
    void aTargetHasItsUsualSettings() {
        for (var target : Target.values()) {
            var job = valid("{\"problems\":[{\"question\":\"a\"}],\"method\":{\"target\":\"" + target.id() + "\"}}");

            assertThat(job.method()).isEqualTo(ParticleFilterSettings.standard(target));
        }
    }

    static Stream<MethodSettings> methods() {
        return Methods.standard().stream();
    }

    /** What the API shows of a method can be sent back to it; so a new method needs no code here. */
    @ParameterizedTest
    @MethodSource("methods")
    void everyMethodIsReadAsItIsWritten(MethodSettings settings) {
        var job = valid("{\"problems\":[{\"question\":\"a\"}],\"method\":" + Json.write(settings) + "}");

        assertThat(job.method()).isEqualTo(settings);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                method("\"partciles\":8", "/method/partciles", "unknown-field", "did you mean `particles`?"),
                method("\"particles\":0", "/method/particles", "out-of-range", "between 1 and 1024: was 0"),
                method("\"particles\":-1", "/method/particles", "out-of-range", "between 1 and 1024: was -1"),
                method("\"particles\":1025", "/method/particles", "out-of-range", "between 1 and 1024: was 1025"),
                method(
                        "\"particles\":9223372036854775808",
                        "/method/particles",
                        "out-of-range",
                        "was 9223372036854775808"),
                method("\"particles\":1.5", "/method/particles", "wrong-type", "a whole number: was 1.5"),
                method("\"particles\":8.0", "/method/particles", "wrong-type", "a whole number: was 8.0"),
                method("\"particles\":1e9", "/method/particles", "wrong-type", "a whole number: was 1.0E9"),
                method("\"particles\":\"8\"", "/method/particles", "wrong-type", "a whole number: was \"8\""),
                method("\"particles\":true", "/method/particles", "wrong-type", "a whole number: was true"),
                method("\"particles\":null", "/method/particles", "wrong-type", "a whole number: was null"),
                method("\"particles\":[8]", "/method/particles", "wrong-type", "a whole number: was a list of 1"),
                method(
                        "\"id\":\"islands\",\"chains\":65535,\"particles\":1024",
                        "/method",
                        "out-of-range",
                        "at most 1024 steps in a round, particles × branching × chains: had 67107840"),
                method("\"branching\":2147483647", "/method", "out-of-range", "had 34359738352"),
                method(
                        "\"id\":\"particle-gibbs\",\"iterations\":65535",
                        "/method",
                        "out-of-range",
                        "at most 65536 generations"),
                method("\"target\":\"finl\"", "/method/target", "unknown-value", "did you mean `final`?"),
                method("\"target\":7", "/method/target", "wrong-type", "one of final, product"),
                method(
                        "\"target\":\"product\",\"aggregation\":\"min\"",
                        "/method/aggregation",
                        "out-of-range",
                        "must be last for the target"),
                method(
                        "\"id\":\"particle-gibbs\",\"resampling\":\"ssp\"",
                        "/method/resampling",
                        "out-of-range",
                        "multinomial or systematic for this method: was ssp"),
                method(
                        "\"id\":\"islands\",\"target\":\"paper\"",
                        "/method/target",
                        "out-of-range",
                        "final, product or final-log for this method: was paper"),
                method(
                        "\"id\":\"parallel-tempering\",\"chains\":30",
                        "/method/ladderRatio",
                        "unsupported-settings",
                        "in chain 29"),
                method("\"essThreshold\":1.01", "/method/essThreshold", "out-of-range", "between 0.0 and 1.0"),
                method("\"essThreshold\":1e999", "/method/essThreshold", "out-of-range", "must fit a float64"),
                method("\"softmaxTemperature\":0", "/method/softmaxTemperature/start", "out-of-range", "was 0.0"),
                method(
                        "\"softmaxTemperature\":{\"stat\":1}",
                        "/method/softmaxTemperature/stat",
                        "unknown-field",
                        "`start`"),
                method("\"softmaxTemperature\":\"hot\"", "/method/softmaxTemperature", "wrong-type", "an object"),
                method("\"id\":\"particle-fliter\"", "/method/id", "unknown-value", "did you mean `particle-filter`?"),
                method("\"a/b~c\":1", "/method/a~1b~0c", "unknown-field", "a/b~c is unknown"),
                field("\"method\":\"particle-filter\"", "/method", "wrong-type", "an object: was \"particle-filter\""),
                field("\"sampling\":{\"temperature\":-0.1}", "/sampling/temperature", "out-of-range", "was -0.1"),
                field("\"sampling\":{\"temperature\":1e308}", "/sampling/temperature", "out-of-range", "was 1.0E308"),
                field("\"sampling\":{\"topP\":0}", "/sampling/topP", "out-of-range", "was 0.0"),
                field("\"sampling\":{\"top_p\":0.5}", "/sampling/top_p", "unknown-field", "did you mean `topP`?"),
                field("\"sampling\":{\"maxSteps\":0}", "/sampling/maxSteps", "out-of-range", "at least 1: was 0"),
                field("\"sampling\":{\"stops\":[\"a\",7]}", "/sampling/stops/1", "wrong-type", "a text: was 7"),
                field("\"sampling\":{\"stops\":[\"\"]}", "/sampling/stops", "out-of-range", "1 to 256 characters"),
                field("\"seed\":9223372036854775808", "/seed", "out-of-range", "was 9223372036854775808"),
                field("\"seed\":1.0", "/seed", "wrong-type", "a whole number: was 1.0"),
                field("\"grader\":\"maths\"", "/grader", "unknown-value", "did you mean `math`?"),
                field("\"policy\":\"\"", "/policy", "out-of-range", "1 to 200 characters: had 0"),
                field("\"prm\":7", "/prm", "wrong-type", "a text: was 7"),
                field("\"polciy\":\"x\"", "/polciy", "unknown-field", "did you mean `policy`?"),
                arguments("{}", "/problems", "missing-field", "problems must be given"),
                arguments("[]", "", "wrong-type", "the body must be an object: was a list of 0"),
                arguments("null", "", "wrong-type", "the body must be an object: was null"),
                arguments("{\"problems\":{}}", "/problems", "wrong-type", "a list of objects: was an object"),
                arguments("{\"problems\":[]}", "/problems", "out-of-range", "1 to 100000 entries: had 0"),
                arguments("{\"problems\":[7]}", "/problems/0", "wrong-type", "problems[0] must be an object: was 7"),
                problem("\"question\":\" \"", "/problems/0/question", "empty-prompt", "must not be blank"),
                problem("\"question\":7", "/problems/0/question", "wrong-type", "a text: was 7"),
                problem("\"id\":\"p1\"", "/problems/0/question", "missing-field", "must be given"),
                problem(
                        "\"question\":\"\\ud800\"",
                        "/problems/0/question",
                        "invalid-unicode",
                        "half of a surrogate pair"),
                arguments(
                        "{\"problems\":[{\"question\":\"?\"}],\"labels\":{\"a\\u0000\":\"b\"}}",
                        "/labels",
                        "invalid-unicode",
                        "NUL"),
                problem("\"question\":\"a\\u0000\"", "/problems/0/question", "invalid-unicode", "NUL"),
                problem(
                        "\"question\":\"" + "x".repeat(100_001) + "\"",
                        "/problems/0/question",
                        "prompt-too-long",
                        "at most 100000 characters: had 100001"),
                problem("\"id\":\"\",\"question\":\"a\"", "/problems/0/id", "invalid-id", "1 to 200 characters"),
                problem("\"id\":\"..\",\"question\":\"a\"", "/problems/0/id", "invalid-id", "neither . nor .."),
                problem("\"id\":\"a\\nb\",\"question\":\"a\"", "/problems/0/id", "invalid-id", "control characters"),
                problem("\"qestion\":\"a\",\"question\":\"a\"", "/problems/0/qestion", "unknown-field", "`question`"),
                arguments(
                        "{\"problems\":[{\"question\":\"a\"},{\"id\":\"p1\",\"question\":\"b\"}]}",
                        "/problems/1/id",
                        "duplicate-id",
                        "\"p1\" stands twice"));
    }

    private static Arguments field(String field, String pointer, String code, String part) {
        return arguments("{\"problems\":[{\"question\":\"a\"}]," + field + "}", pointer, code, part);
    }

    private static Arguments method(String settings, String pointer, String code, String part) {
        return field("\"method\":{" + settings + "}", pointer, code, part);
    }

    private static Arguments problem(String fields, String pointer, String code, String part) {
        return arguments("{\"problems\":[{" + fields + "}]}", pointer, code, part);
    }

    @ParameterizedTest(name = "[{index}] {1} {2}")
    @MethodSource("faults")
    void saysWhereTheFaultIsAndWhatWasExpected(String body, String pointer, String code, String part) {
        var error = invalid(body);

        assertThat(error.faults()).hasSize(1);
        var fault = error.faults().getFirst();
        assertThat(fault.pointer()).isEqualTo(pointer);
        assertThat(fault.kind().id()).isEqualTo(code);
        assertThat(fault.detail()).contains(part).hasSizeLessThan(300);
        assertThat(error.kind()).isEqualTo(fault.kind());
        assertThat(error.status()).isEqualTo(400);
    }

    @Test
    void tellsEveryFaultAtOnce() {
        var error = invalid("""
                {"problems":[{"question":""},{"question":"b","qestion":"c"}],
                 "method":{"particles":"8","essThreshold":"low","selection":"votes"},"seed":"x","polciy":"y"}""");

        assertThat(error.faults())
                .extracting(ApiError.Fault::pointer)
                .containsExactly(
                        "/polciy",
                        "/problems/0/question",
                        "/problems/1/qestion",
                        "/method/particles",
                        "/method/essThreshold",
                        "/method/selection",
                        "/seed");
        assertThat(error.kind()).isEqualTo(ErrorKind.INVALID_REQUEST);
    }

    @Test
    void tellsTheFirstHundredFaults() {
        var problems = String.join(",", Collections.nCopies(50_000, "{\"question\":7}"));

        var error = invalid("{\"problems\":[" + problems + "]}");

        assertThat(error.faults()).hasSize(100);
        assertThat(error.detail()).contains("50000 faults");
    }

    @Test
    void showsNothingThatCouldBreakALine() {
        var error = invalid("{\"problems\":[{\"question\":\"a\"}],\"grader\":\"\\u001b[31m\\nroot\\u202e\"}");

        assertThat(error.detail()).contains("was \"?[31m?root?\"");
    }

    @Test
    void aJobMaySayHowLongItBearsTrouble() {
        var question = "{\"problems\":[{\"question\":\"?\"}]";
        assertThat(valid(question + ",\"patienceSeconds\":90}").patienceSeconds())
                .isEqualTo(90);
        assertThat(valid(question + "}").patienceSeconds()).isNull();
        assertThat(invalid(question + ",\"patienceSeconds\":0.5}").faults())
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.pointer()).isEqualTo("/patienceSeconds");
                    assertThat(fault.kind()).isEqualTo(ErrorKind.OUT_OF_RANGE);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"math", "math-paper", "choice", "exact", "text", "numeric(0.05)", "numeric(2.5%)"})
    void everyGraderIsTaken(String grader) {
        assertThat(valid("{\"problems\":[{\"question\":\"a\"}],\"grader\":\"" + grader + "\"}")
                        .grader())
                .isEqualTo(grader);
    }

    @Test
    void extractionIsAFormatOrAPattern() {
        assertThat(valid("{\"problems\":[{\"question\":\"a\"}]}").extraction()).isEqualTo(Extraction.STANDARD);
        assertThat(extraction("\"boxed-all\"")).isEqualTo(Extraction.of("boxed-all"));
        assertThat(extraction("{\"format\":\"hashes\",\"stops\":[\"Q:\"]}"))
                .isEqualTo(Extraction.of("hashes").cutAt(List.of("Q:")));
        assertThat(extraction("{\"pattern\":\"= (.*)\"}")).isEqualTo(Extraction.matching("= (.*)"));
        assertThat(extraction("{\"stops\":[\"Q:\"]}")).isEqualTo(Extraction.STANDARD.cutAt(List.of("Q:")));
    }

    private static Extraction extraction(String value) {
        return valid("{\"problems\":[{\"question\":\"a\"}],\"extraction\":" + value + "}")
                .extraction();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"box\"",
                "5",
                "{\"format\":\"boxed\",\"pattern\":\"a\"}",
                "{\"pattern\":\"(\"}",
                "{\"pattern\":\"(?=a)\"}",
                "{\"pattern\":\"\"}",
                "{\"stops\":\"Q:\"}",
                "{\"stops\":[\" \"]}",
                "{\"form\":\"boxed\"}"
            })
    void anExtractionThatCannotBeIsRefused(String value) {
        assertThat(invalid("{\"problems\":[{\"question\":\"a\"}],\"extraction\":" + value + "}")
                        .faults())
                .isNotEmpty()
                .allSatisfy(fault -> assertThat(fault.pointer()).startsWith("/extraction"));
    }

    private static JobSpecification valid(String body) {
        return switch (read(body)) {
            case Checked.Valid<JobSpecification>(var specification) -> specification;
            case Checked.Invalid<JobSpecification>(var error) -> throw new AssertionError(error);
        };
    }

    private static ApiError invalid(String body) {
        return switch (read(body)) {
            case Checked.Valid<JobSpecification>(var specification) -> throw new AssertionError(specification);
            case Checked.Invalid<JobSpecification>(var error) -> error;
        };
    }

    private static Checked<JobSpecification> read(String body) {
        return switch (Json.read(body.getBytes(StandardCharsets.UTF_8))) {
            case Checked.Valid<JsonNode>(var node) -> JobRequest.read(node, "job-1", BOUNDS, SERVED);
            case Checked.Invalid<JsonNode>(var error) -> new Checked.Invalid<>(error);
        };
    }
}
