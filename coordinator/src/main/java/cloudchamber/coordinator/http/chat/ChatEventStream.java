package cloudchamber.coordinator.http.chat;

import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.chat.ChatDocument.Chunk;
import cloudchamber.coordinator.http.chat.ChatDocument.Delta;
import cloudchamber.coordinator.http.chat.ChatDocument.Text;
import cloudchamber.coordinator.http.live.EventStreamActor;
import cloudchamber.coordinator.http.live.ServerEvents;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.OpenAiError;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemStatus;
import cloudchamber.coordinator.problem.ProblemUpdate;
import cloudchamber.coordinator.problem.ProblemView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.util.ByteString;

/**
 * A search behind a chat completion: its rounds as chunks without text, which say how far it is, then the
 * answer's steps as chunks with text. Of a slow reader's rounds only the newest is kept.
 */
final class ChatEventStream implements EventStreamActor.Content<ChatEventStream.Heard> {

    sealed interface Heard {
        record OfProblem(ProblemUpdate update) implements Heard {}

        /** @param job null if the job did not answer */
        record OfJob(JobView job) implements Heard {}

        /** @param view null if the problem did not answer */
        record View(ProblemView view) implements Heard {}
    }

    private static final int ALL_TO_COME = -1;

    private final Api api;
    private final ChatRequest request;
    private final long created;
    private final CompletableFuture<ProblemView> result = new CompletableFuture<>();
    private ActorRef<ProblemUpdate> follower;
    private ActorContext<EventStreamActor.Command<Heard>> context;
    private boolean ended;
    private boolean begun;
    private int lastRound = ALL_TO_COME;
    private ChatDocument.Progress progress;
    private ProblemView view;
    private boolean over;

    /** @param created seconds since 1970 */
    ChatEventStream(Api api, ChatRequest request, long created) {
        this.api = api;
        this.request = request;
        this.created = created;
    }

    /** Seconds since 1970. */
    long created() {
        return created;
    }

    /** How the problem ended. */
    CompletableFuture<ProblemView> result() {
        return result;
    }

    @Override
    public void follow(ActorContext<EventStreamActor.Command<Heard>> context) {
        if (follower == null) {
            this.context = context;
            follower = context.messageAdapter(
                    ProblemUpdate.class, update -> new EventStreamActor.Told<>(new Heard.OfProblem(update)));
        }
        if (ended) {
            askForView();
        } else {
            api.problem(request.job().id(), ChatRequest.PROBLEM).tell(new Problem.Follow(follower, lastRound, false));
            context.pipeToSelf(
                    api.jobView(request.job().id()),
                    (reply, failure) ->
                            new EventStreamActor.Told<>(new Heard.OfJob(failure == null ? reply.view() : null)));
        }
    }

    private void askForView() {
        context.pipeToSelf(
                api.problem(request.job().id(), ChatRequest.PROBLEM)
                        .<Problem.ViewReply>ask(Problem.GetView::new, api.patience()),
                (reply, failure) -> new EventStreamActor.Told<>(new Heard.View(failure == null ? reply.view() : null)));
    }

    @Override
    public void take(Heard heard) {
        switch (heard) {
            case Heard.OfProblem(ProblemUpdate.Opened opened) -> {}
            case Heard.OfProblem(ProblemUpdate.RoundClosed(var problem, var round)) -> {
                if (round.round() > lastRound) {
                    lastRound = round.round();
                    progress = ChatDocument.progress(round);
                }
            }
            case Heard.OfProblem(ProblemUpdate.Ended over) -> {
                if (!ended) {
                    ended = true;
                    askForView();
                }
            }
            case Heard.OfJob(var job) -> {
                // A job that is cancelled does not tell the problem it never started.
                if (job != null && job.status() == JobStatus.CANCELLED && !ended) {
                    ended(cancelled());
                }
            }
            case Heard.View(var seen) -> {
                if (seen != null && seen.status().terminal()) {
                    ended(seen);
                }
            }
        }
    }

    private void ended(ProblemView seen) {
        view = seen;
        result.complete(seen);
    }

    /** The client has gone: nobody waits for the answer any more. */
    void abandon() {
        result.complete(cancelled());
    }

    private ProblemView cancelled() {
        return ProblemView.notStarted(
                ChatRequest.PROBLEM,
                request.job().problems().getFirst().prompt().lastQuestion(),
                ProblemStatus.CANCELLED);
    }

    @Override
    public ByteString next() {
        if (view == null && result.isDone()) {
            over = true;
        }
        if (over) {
            return ByteString.emptyByteString();
        }
        var bytes = ByteString.emptyByteString();
        if (!begun) {
            begun = true;
            bytes = bytes.concat(chunk(List.of(delta(0, new Text("assistant", "", null), null, null)), null, null));
        }
        if (progress != null) {
            bytes = bytes.concat(chunk(List.of(delta(0, new Text(null, null, null), null, null)), progress, null));
            progress = null;
        }
        if (view != null) {
            over = true;
            bytes = bytes.concat(view.status() == ProblemStatus.SUCCEEDED ? answers() : failure())
                    .concat(ServerEvents.data("[DONE]"));
        }
        return bytes;
    }

    private ByteString answers() {
        var bytes = ByteString.emptyByteString();
        var found = ChatDocument.found(view, request.job().foundBy(), request.choices());
        for (int index = 0; index < found.size(); index++) {
            var one = found.get(index);
            if (index > 0) {
                bytes = bytes.concat(
                        chunk(List.of(delta(index, new Text("assistant", "", null), null, null)), null, null));
            }
            if (one.thought() != null) {
                bytes = bytes.concat(chunk(
                        List.of(delta(index, new Text(null, null, one.thought()), null, null)), null, null));
            }
            for (var step : one.saidSteps()) {
                bytes = bytes.concat(chunk(List.of(delta(index, new Text(null, step, null), null, null)), null, null));
            }
            var last = delta(index, new Text(null, null, null), one.finishReason(), one.elected());
            bytes = bytes.concat(chunk(
                    List.of(last),
                    null,
                    request.metadata() && index == found.size() - 1
                            ? ChatDocument.metadata(request, view, found)
                            : null));
        }
        return request.usageInStream()
                ? bytes.concat(event(new Chunk(
                        request.job().id(),
                        "chat.completion.chunk",
                        created,
                        request.model(),
                        List.of(),
                        ChatDocument.usage(view),
                        null,
                        null)))
                : bytes;
    }

    private ByteString failure() {
        return ServerEvents.data(Json.write(OpenAiError.of(ChatDocument.failed(view))));
    }

    private static Delta delta(int index, Text text, String finishReason, ChatDocument.Elected elected) {
        return new Delta(index, text, null, finishReason, elected);
    }

    private ByteString chunk(List<Delta> choices, ChatDocument.Progress its, ChatDocument.Metadata metadata) {
        return event(new Chunk(
                request.job().id(), "chat.completion.chunk", created, request.model(), choices, null, its, metadata));
    }

    private static ByteString event(Chunk chunk) {
        return ServerEvents.data(Json.write(chunk));
    }

    @Override
    public boolean over() {
        return over;
    }
}
