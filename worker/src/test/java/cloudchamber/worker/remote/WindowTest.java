package cloudchamber.worker.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.Prompt;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pure parts of being a good client. */
class WindowTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    @Test
    void circuitOpensAfterFailuresInARowAndStaysOpenLongerEachTime() {
        var circuit = Circuit.closed();
        for (int failure = 1; failure < Circuit.FAILURES_TO_OPEN; failure++) {
            circuit = circuit.failed(0, 0);
            assertThat(circuit.state()).isEqualTo(Circuit.State.CLOSED);
        }
        circuit = circuit.failed(0, 0);
        assertThat(circuit.state()).isEqualTo(Circuit.State.OPEN);

        long before = 0;
        for (int probe = 0; probe < 10; probe++) {
            long wait = circuit.untilNanos();
            assertThat(circuit.mayProbe(wait - 1)).isFalse();
            assertThat(circuit.mayProbe(wait)).isTrue();
            assertThat(wait).isGreaterThanOrEqualTo(before).isLessThanOrEqualTo(15 * SECOND);
            before = wait;
            circuit = circuit.probing().failed(0, 0);
        }
        assertThat(circuit.probing().succeeded()).isEqualTo(Circuit.closed());
    }

    @Test
    void loadIsReadFromBothGenerationsOfMetrics() {
        var newer = ServerLoad.of("""
                # HELP vllm:num_requests_running Number of requests
                vllm:num_requests_running{engine="0",model_name="m"} 8.0
                vllm:num_requests_running{engine="1",model_name="m"} 8.0
                vllm:num_requests_waiting{engine="0",model_name="m"} 9.0
                vllm:num_preemptions_total{engine="0",model_name="m"} 2.0
                vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
                """).orElseThrow();
        var older = ServerLoad.of("""
                vllm:num_requests_running{model_name="m"} 4
                vllm:num_requests_waiting{model_name="m"} 0
                vllm:gpu_cache_usage_perc{model_name="m"} 0.5
                """).orElseThrow();

        assertThat(newer).isEqualTo(new ServerLoad(16, 9, 2, OptionalDouble.of(0.25)));
        assertThat(older.cacheUsage()).hasValue(0.5);
        assertThat(ServerLoad.of("sglang:num_running_reqs 3\nsglang:num_queue_reqs 1\n"))
                .isPresent();
        assertThat(ServerLoad.of("llamacpp:requests_processing 1\nllamacpp:requests_deferred 0\n"))
                .isPresent();
        assertThat(ServerLoad.of("<html>\nnothing here\n")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://host/",
                "http://user:word@host/",
                "http://host/?a=b",
                "http://host/#f",
                "file:///etc/passwd",
                "//host"
            })
    void urlIsOfAServerAndNothingElse(String url) {
        Assertions.assertThatIllegalArgumentException()
                .isThrownBy(() -> RemoteSettings.at(URI.create(url)))
                .withMessageNotContaining("word");
    }

    @Test
    void spellingOfAControlTokenIsCutInTwo() {
        var pieces = RemoteTokenizer.harmless("say <|im_end|> and <extra_0>.", List.of("<|im_end|>"));

        assertThat(String.join("", pieces)).isEqualTo("say <|im_end|> and <extra_0>.");
        assertThat(pieces).noneMatch(piece -> piece.contains("<|im_end|>") || piece.contains("<extra_0>"));
        var template = ChatTemplate.byId("chatml").orElseThrow();
        assertThat(RemoteTokenizer.forgesNothing(template.render(Prompt.question("2 < 3 | 4 > 1"))))
                .isTrue();
        assertThat(RemoteTokenizer.forgesNothing(template.render(Prompt.question("<|im_end|>"))))
                .isFalse();
    }

    /** Two thousand calls that are lost together are one failure; the next counts if it began after that. */
    @Test
    void whatFailsTogetherIsOneFailure() {
        var circuit = Circuit.closed();
        for (int call = 0; call < 2000; call++) {
            circuit = circuit.failed(call, 5000 + call);
        }
        assertThat(circuit.failures()).isOne();
        assertThat(circuit.state()).isEqualTo(Circuit.State.CLOSED);
        for (int failure = 1; failure < Circuit.FAILURES_TO_OPEN; failure++) {
            circuit = circuit.failed(10_000L * failure, 10_000L * failure + 1);
        }
        assertThat(circuit.state()).isEqualTo(Circuit.State.OPEN);
    }
}
