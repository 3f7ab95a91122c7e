package cloudchamber.policy.remote;

import static org.assertj.core.api.Assertions.assertThat;

import cloudchamber.prompt.ChatTemplate;
import cloudchamber.protocol.model.PrefixStep;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeVllm;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTokenizer;
import cloudchamber.worker.remote.ToyModel;
import java.util.List;
import org.junit.jupiter.api.Test;

class VllmPolicyTest extends RemotePolicyContract {
    @Override
    FakeServer server() {
        return FakeVllm.start();
    }

    @Override
    PolicyDialect dialect(RemoteSettings settings) {
        return new VllmDialect(new HttpEndpoint(settings), new ChatTemplate.Question(), "", false);
    }

    @Test
    void particleIsContinuedByItsTokenIdsAndTheRequestSaysEverythingItMeans() {
        var prefix = List.of(new PrefixStep("one\n\n", List.of(111, 110, 101, 10, 10)));

        run(request(7, prefix));

        var sent = fake().received("/v1/completions").getLast().body();
        var ids = RemoteTokenizer.ids(sent.path("prompt"));
        assertThat(ids.getFirst()).isEqualTo(ToyModel.BEGINNING);
        assertThat(ids.subList(ids.size() - 5, ids.size())).containsExactly(111, 110, 101, 10, 10);
        assertThat(sent.path("seed").asLong()).isEqualTo(request(7, prefix).seed());
        assertThat(sent.path("max_tokens").asInt()).isEqualTo(MAX_STEP_TOKENS);
        assertThat(sent.path("include_stop_str_in_output").asBoolean()).isTrue();
        assertThat(sent.path("add_special_tokens").asBoolean(true)).isFalse();
        assertThat(sent.path("cache_salt").asText()).matches("[0-9a-f]{32}");
        assertThat(sent.path("top_k").isNumber()).isTrue();
    }

    @Test
    void promptIsTokenisedOnceAProblem() {
        for (int seed = 0; seed < 5; seed++) {
            run(request(seed, List.of()));
        }

        assertThat(fake().received("/tokenize")).hasSize(1);
    }
}
