package cloudchamber.prm.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import cloudchamber.prm.format.LabelFormat;
import cloudchamber.prm.remote.ScoreDialect.Asked;
import cloudchamber.protocol.model.Prompt;
import cloudchamber.worker.remote.FakeServer;
import cloudchamber.worker.remote.FakeServer.Reply;
import cloudchamber.worker.remote.HttpEndpoint;
import cloudchamber.worker.remote.RemoteSettings;
import cloudchamber.worker.remote.RemoteTrouble;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Any chat model can judge, whatever else its server lacks. */
class ChatJudgeTest extends RemotePrmContract {
    private static final Asked ASKED = new Asked(Prompt.question("What is 1 + 2?"), List.of("1 + 2 = 3\n\n"));

    @Override
    FakeServer server() {
        return FakePrm.chat();
    }

    @Override
    ScoreDialect dialect(HttpEndpoint endpoint) {
        return new ChatJudge(endpoint, LabelFormat.judge(), "");
    }

    private static double logOdds(String likeliest) throws InterruptedException {
        try (var server = FakePrm.chat()
                        .on(
                                "/v1/chat/completions",
                                request -> Reply.json(
                                        200,
                                        "{\"choices\":[{\"logprobs\":{\"content\":[{\"top_logprobs\":" + likeliest
                                                + "}]}}]}"));
                var judge = new ChatJudge(new HttpEndpoint(RemoteSettings.at(server.url())), LabelFormat.judge(), "")) {
            return judge.score(List.of(ASKED)).getFirst().logOdds().getFirst();
        }
    }

    @Test
    void spellingsOfALabelAreOneAnswer() throws Exception {
        double logOdds = logOdds("""
                [{"token":"Yes","logprob":-1.0},{"token":" yes","logprob":-2.0},{"token":"No","logprob":-3.0},
                 {"token":"Maybe","logprob":-0.5}]""");

        assertThat(logOdds).isCloseTo(Math.log(Math.exp(-1) + Math.exp(-2)) + 3, within(1e-12));
    }

    @Test
    void aLabelThatIsNotToldIsTakenToBeAsLikelyAsTheLeastThatIs() throws Exception {
        assertThat(logOdds("[{\"token\":\"Yes\",\"logprob\":-0.01},{\"token\":\"Well\",\"logprob\":-9.0}]"))
                .isCloseTo(8.99, within(1e-12));
        assertThat(logOdds("[{\"token\":\"no\",\"logprob\":-0.25},{\"token\":\"Well\",\"logprob\":-7.0}]"))
                .isCloseTo(-6.75, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]",
                "[{\"token\":\"Well\",\"logprob\":-0.1}]",
                "[{\"token\":\"Yes\",\"logprob\":\"NaN\"}]",
                "[{\"token\":\"Yes\"}]",
                "\"Yes\""
            })
    void anAnswerWithoutALabelIsNoScore(String likeliest) {
        assertThatThrownBy(() -> logOdds(likeliest)).isInstanceOf(RemoteTrouble.class);
    }

    @Test
    void theConversationIsTheJudgesQuestion() throws Exception {
        try (var server = FakePrm.chat();
                var judge = new ChatJudge(new HttpEndpoint(RemoteSettings.at(server.url())), LabelFormat.judge(), "")) {
            judge.describe();
            judge.score(List.of(ASKED));

            var sent = server.received("/v1/chat/completions").getLast().body();
            assertThat(sent.path("messages")).hasSize(1);
            assertThat(sent.path("messages").path(0).path("content").asText())
                    .contains("What is 1 + 2?", "1 + 2 = 3")
                    .endsWith("Answer Yes or No.");
            assertThat(sent.path("max_tokens").asInt()).isOne();
            assertThat(sent.path("top_logprobs").asInt()).isEqualTo(20);
        }
    }
}
