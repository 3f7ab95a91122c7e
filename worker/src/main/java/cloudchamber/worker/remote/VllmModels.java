package cloudchamber.worker.remote;

import cloudchamber.protocol.model.Refusal.Category;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a server with the OpenAI routes lists under {@code /v1/models}. */
public final class VllmModels {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int UNKNOWN_CONTEXT = 4096;

    private VllmModels() {}

    /**
     * One model.
     *
     * @param contextTokens what the server says; 4096 if it does not
     */
    public record Listed(String name, int contextTokens) {}

    /**
     * The model {@code wanted}, or the only one if that is empty.
     *
     * @throws RemoteTrouble {@code MODEL_UNKNOWN} if it is not there
     */
    public static Listed find(HttpEndpoint endpoint, String wanted) throws InterruptedException {
        var listed = list(endpoint);
        var found = listed.stream()
                .filter(model -> wanted.isEmpty() || model.name().equals(wanted))
                .toList();
        if (found.size() != 1) {
            throw new RemoteTrouble(
                    Category.MODEL_UNKNOWN,
                    (wanted.isEmpty()
                                    ? "a server must serve one model unless one is named"
                                    : "the server must serve [" + wanted + "]")
                            + ": serves "
                            + listed.stream().map(Listed::name).toList());
        }
        return found.getFirst();
    }

    /** Every model. */
    public static List<Listed> list(HttpEndpoint endpoint) throws InterruptedException {
        var models = new ArrayList<Listed>();
        for (var model : endpoint.get("/v1/models", LIMIT).path("data")) {
            models.add(new Listed(
                    model.path("id").asText(), model.path("max_model_len").asInt(UNKNOWN_CONTEXT)));
        }
        return models;
    }

    /** The server's name and version. */
    public static String software(HttpEndpoint endpoint, String name) throws InterruptedException {
        try {
            var version = endpoint.get("/version", LIMIT).path("version").asText("");
            return version.isEmpty() ? name : name + "-" + version;
        } catch (RemoteTrouble untold) {
            return name;
        }
    }
}
