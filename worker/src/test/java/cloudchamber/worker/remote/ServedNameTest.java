package cloudchamber.worker.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloudchamber.protocol.model.Refusal.Category;
import cloudchamber.worker.remote.FakeServer.Reply;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ServedNameTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void theFirstNameIsRememberedAndALaterOtherOneRefused() {
        var name = new ServedName(false);
        name.check("asked", "");
        assertThat(name.get()).isEmpty();
        name.check("asked", "first");
        name.check("asked", "first");
        name.check("asked", "");

        assertThat(name.get()).contains("first");
        assertThatThrownBy(() -> name.check("asked", "other")).isInstanceOfSatisfying(RemoteTrouble.class, trouble -> {
            assertThat(trouble.refusal().category()).isEqualTo(Category.MODEL_UNKNOWN);
            assertThat(trouble.refusal().detail()).contains("[first]").contains("[other]");
        });
    }

    @Test
    void aStrictOneRefusesAFirstNameThatWasNotAskedFor() {
        var name = new ServedName(true);

        assertThatThrownBy(() -> name.check("asked", "first")).isInstanceOf(RemoteTrouble.class);
        assertThat(name.get()).isEmpty();
        name.check("asked", "asked");
        assertThat(name.get()).contains("asked");
    }

    /** By every way a reply comes: whole or streamed. */
    @Test
    void theNamesOfRepliesAreChecked() throws InterruptedException {
        try (var server = new FakeServer()
                        .on(
                                "/whole",
                                request -> reply(request.body().path("answer").asText()))
                        .on("/stream", request -> Reply.events("data: {\"model\":\"other\"}\n\ndata: [DONE]\n\n"));
                var endpoint = new HttpEndpoint(RemoteSettings.at(server.url()))) {
            endpoint.post("/whole", body("first"), LIMIT);
            endpoint.post("/whole", body("first"), LIMIT);
            assertThat(endpoint.servedName().get()).contains("first");
            assertThatThrownBy(() -> endpoint.post("/whole", body("other"), LIMIT))
                    .isInstanceOf(RemoteTrouble.class);
            assertThatThrownBy(() -> endpoint.stream("/stream", body(""), LIMIT, event -> true))
                    .isInstanceOf(RemoteTrouble.class);
        }
    }

    private static Reply reply(String model) {
        return Reply.json(200, "{\"model\":\"" + model + "\"}");
    }

    private static JsonNode body(String answer) {
        return HttpEndpoint.JSON.createObjectNode().put("model", "asked").put("answer", answer);
    }
}
