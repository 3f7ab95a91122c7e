package cloudchamber.coordinator.http.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemView;
import cloudchamber.protocol.model.StepEnd;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {

    static Stream<Arguments> bodies() {
        return Stream.of(
                arguments("", "malformed-json", "it is empty"),
                arguments("  ", "malformed-json", "it is empty"),
                arguments("{\"a\":1", "malformed-json", "it ends at line 1, column"),
                arguments("{\n\"a\":1}}", "malformed-json", "line 2, column 7"),
                arguments("{\"a\":1} {}", "malformed-json", "line 1, column 9"),
                arguments("{\"a\":NaN}", "malformed-json", "line 1, column"),
                arguments("{'a':1}", "malformed-json", "line 1, column 2"),
                arguments("{\"a\":01}", "malformed-json", "line 1"),
                arguments("[".repeat(10_000), "json-too-complex", "64 deep"),
                arguments("{\"a\":".repeat(10_000), "json-too-complex", "64 deep"),
                arguments("{\"a\":" + "1".repeat(1_000_000) + "}", "json-too-complex", "numbers 100"),
                arguments("{\"" + "k".repeat(1_000_000) + "\":1}", "json-too-complex", "names 256"),
                arguments("{\"m\":{\"n\":4,\"n\":4000}}", "duplicate-key", "/m/n stands twice"),
                arguments("{\"n\":{},\"n\":{}}", "duplicate-key", "/n stands twice"));
    }

    @ParameterizedTest(name = "[{index}] {1} {2}")
    @MethodSource("bodies")
    void refusesWhatIsNotOneSimpleJsonValue(String body, String code, String part) {
        var error = error(body.getBytes(UTF_8));

        assertThat(error.kind().id()).isEqualTo(code);
        assertThat(error.detail()).contains(part);
        assertThat(error.status()).isEqualTo(400);
    }

    @Test
    void saysWhichByteIsNotUtf8() {
        var error = error("{\"a\":\"é\"}".getBytes(ISO_8859_1));

        assertThat(error.kind()).isEqualTo(ErrorKind.INVALID_UTF8);
        assertThat(error.detail()).contains("byte 6");
    }

    @Test
    void readsLongTexts() {
        var text = "ä€𝄞".repeat(1_000_000);

        var read = Json.read(("\"" + text + "\"").getBytes(UTF_8));

        assertThat(read)
                .isInstanceOfSatisfying(
                        Checked.Valid.class,
                        valid -> assertThat(((JsonNode) valid.value()).textValue())
                                .isEqualTo(text));
    }

    /** The names of {@code solve --json}, which only ever grow. */
    @Test
    void writesAProblemUnderItsFrozenNames() {
        assertThat(Json.write(ProblemView.notStarted("p1", "3 + 4?", ProblemStatus.QUEUED)))
                .isEqualTo("{\"id\":\"p1\",\"status\":\"queued\",\"question\":\"3 + 4?\",\"answer\":null,"
                        + "\"posterior\":[],\"logEvidence\":null,\"noEvidence\":\"the run has not started\","
                        + "\"rounds\":[],\"particles\":[],\"cost\":{\"policyCalls\":0,\"prmCalls\":0,"
                        + "\"promptTokens\":0,\"cachedTokens\":0,\"completionTokens\":0,\"prmTokens\":0,"
                        + "\"wastedTokens\":0,\"wallMillis\":0},\"failure\":null}");
    }

    @Test
    void writesAnInfinityAsANumber() {
        var step = new ProblemView.StepView("a", Double.NEGATIVE_INFINITY, StepEnd.STEP);

        assertThat(Json.write(step)).isEqualTo("{\"text\":\"a\",\"logOdds\":-1.7976931348623157E308,\"end\":\"STEP\"}");
    }

    private static ApiError error(byte[] body) {
        return switch (Json.read(body)) {
            case Checked.Valid<JsonNode>(var node) -> throw new AssertionError(node);
            case Checked.Invalid<JsonNode>(var error) -> error;
        };
    }
}
