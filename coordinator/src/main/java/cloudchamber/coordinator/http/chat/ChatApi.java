package cloudchamber.coordinator.http.chat;

import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.Workers;
import cloudchamber.coordinator.http.live.EventStreamActor;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Failures;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.protocol.wire.Role;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.pekko.http.javadsl.model.headers.TimeoutAccess;
import org.apache.pekko.stream.javadsl.Sink;

/** What OpenAI's clients ask for: models and chat completions, each of them a search. */
public final class ChatApi implements Resource {

    /** @param data the policies that are served */
    record ModelList(String object, List<Model> data) {}

    /** @param created seconds since 1970 */
    record Model(
            String id,
            String object,
            long created,
            @JsonProperty("owned_by") String owner) {}

    private static final String OWNER = "cloudchamber";
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final Api api;
    private final Clock clock;
    private final long startedAtSeconds;

    public ChatApi(Api api, Clock clock) {
        this.api = api;
        this.clock = clock;
        this.startedAtSeconds = clock.instant().getEpochSecond();
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get("/v1/models", Access.READ, this::models),
                Route.get("/v1/models/{model}", Access.READ, this::model),
                Route.post("/v1/chat/completions", Access.SUBMIT, this::chat));
    }

    // ---- models

    private CompletionStage<ApiResponse> models(Request request) {
        api.discard(request);
        return api.dispatch()
                .thenApply(status -> new ApiResponse.Ok(new ModelList(
                        "list", policies(status).stream().map(this::described).toList())));
    }

    private CompletionStage<ApiResponse> model(Request request) {
        api.discard(request);
        var name = request.parameter("model");
        return api.dispatch()
                .thenApply(status -> policies(status).contains(name)
                        ? new ApiResponse.Ok(described(name))
                        : new ApiResponse.Refused(unknownModel(policies(status))));
    }

    private Model described(String name) {
        return new Model(name, "model", startedAtSeconds, OWNER);
    }

    private static List<String> policies(Dispatcher.Status status) {
        return served(status, Role.POLICY);
    }

    private static List<String> served(Dispatcher.Status status, Role role) {
        return status.workers().stream()
                .filter(worker -> Workers.serves(worker, role))
                .map(worker -> worker.announcement().model())
                .distinct()
                .sorted()
                .toList();
    }

    private static ApiError unknownModel(List<String> models) {
        return ApiError.of(List.of(new ApiError.Fault(
                "/model",
                ErrorKind.MODEL_NOT_FOUND,
                "model must be one of " + String.join(", ", models) + ": was another")));
    }

    // ---- chat

    private CompletionStage<ApiResponse> chat(Request request) {
        var headers = new ChatRequest.Headers(request.header("X-ITS-Budget"), request.header("X-ITS-Algorithm"));
        return api.withJson(request, json -> {
            var id = api.freshId();
            return ifValid(
                    ChatRequest.read(json, headers, "chatcmpl-" + id, id.hashCode(), api.settings()),
                    chat -> api.dispatch().thenCompose(status -> ifServed(request, chat, status)));
        });
    }

    private CompletionStage<ApiResponse> ifServed(Request request, ChatRequest chat, Dispatcher.Status status) {
        var policies = policies(status);
        var prms = served(status, Role.PRM);
        if (!policies.isEmpty() && !policies.contains(chat.model())) {
            return done(new ApiResponse.Refused(unknownModel(policies)));
        }
        if (!prms.isEmpty() && !prms.contains(chat.job().prm())) {
            return done(new ApiResponse.Refused(ApiError.of(List.of(new ApiError.Fault(
                    "/its/prm",
                    ErrorKind.MODEL_NOT_FOUND,
                    "its.prm must be one of " + String.join(", ", prms) + ": was another")))));
        }
        if (policies.isEmpty() || prms.isEmpty()) {
            return done(ApiResponse.refused(
                    ErrorKind.NO_WORKERS,
                    "workers must serve a policy and a PRM: there is no " + (policies.isEmpty() ? "policy" : "PRM")));
        }
        return api.ifRoom(1, () -> search(request, chat));
    }

    private CompletionStage<ApiResponse> search(Request request, ChatRequest chat) {
        var job = api.job(chat.job().id());
        var events = new ChatEventStream(api, chat, clock.instant().getEpochSecond());
        // Whoever hangs up does not wait for the answer: what was not found by then is not sought on.
        request.gone().whenComplete((gone, failure) -> {
            if (!events.result().isDone()) {
                job.tell(new Job.Cancel(api.system().ignoreRef()));
                events.abandon();
            }
        });
        return api.written(job.<Job.ViewReply>ask(
                        replyTo -> new Job.Submit(
                                chat.job().ownedBy(request.tenant().name()), replyTo),
                        api.patience()))
                .thenCompose(
                        accepted -> chat.stream() ? done(stream(events)) : answer(request, chat, job::tell, events));
    }

    private ApiResponse stream(ChatEventStream events) {
        return new ApiResponse.Events(EventStreamActor.source(api.system(), events, PAUSE));
    }

    private CompletionStage<ApiResponse> answer(
            Request request, ChatRequest chat, Consumer<Job.Command> job, ChatEventStream events) {
        request.http()
                .getHeader(TimeoutAccess.class)
                .ifPresent(access -> access.timeoutAccess().updateTimeout(scala.concurrent.duration.Duration.Inf()));
        EventStreamActor.source(api.system(), events, PAUSE).runWith(Sink.ignore(), api.system());
        return events.result()
                .copy()
                .orTimeout(api.settings().chatTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .<ApiResponse>thenApply(view -> view.status() == ProblemStatus.SUCCEEDED
                        ? new ApiResponse.Ok(ChatDocument.completion(chat, view, events.created()))
                        : new ApiResponse.Refused(ChatDocument.failed(view)))
                .exceptionally(failure -> {
                    if (Failures.cause(failure) instanceof TimeoutException) {
                        job.accept(new Job.Cancel(api.system().ignoreRef()));
                        return ApiResponse.refused(
                                ErrorKind.TIMED_OUT,
                                "an answer must be found within "
                                        + api.settings().chatTimeout().toSeconds()
                                        + " s: the search was stopped; ask for a stream, or submit a job");
                    }
                    throw new CompletionException(failure);
                });
    }
}
