package cloudchamber.coordinator.http.jobs;

import static cloudchamber.coordinator.http.api.Api.JOBS;
import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.JobDocument;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Failures;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.journal.JobRow;
import cloudchamber.coordinator.journal.ProblemRow;
import cloudchamber.coordinator.journal.StorageException;
import cloudchamber.coordinator.method.Outcome;
import cloudchamber.coordinator.method.catalog.Replay;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemEvent;
import cloudchamber.coordinator.problem.ProblemState;
import cloudchamber.protocol.model.method.Aggregation;
import cloudchamber.protocol.model.method.Selection;
import cloudchamber.protocol.model.method.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.japi.pf.PFBuilder;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** What runs left in the journal, read without any model: weighed again, or written out. */
public final class RecordsApi implements Resource {

    /**
     * A recorded run under another law.
     *
     * @param law the new one
     * @param recordedAnswer the answer the run gave
     * @param answer under the new law; null if no particle has one
     * @param particles how many were weighed
     * @param ess of the new weights, at most {@code particles}; null if refused
     * @param refused why the run cannot be weighed again; null if it was
     */
    record ReplayDocument(
            String job,
            String problem,
            Replay.Law law,
            String recordedAnswer,
            String answer,
            int particles,
            Double ess,
            List<Outcome.AnswerWeight> posterior,
            Double logEvidence,
            String noEvidence,
            String refused) {}

    private static final int EVENTS_AT_ONCE = 64;
    private static final int PROBLEMS_AT_ONCE = 100;

    private final Api api;

    public RecordsApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get(JOBS + "/{job}/export", Access.READ, this::export),
                Route.get(JOBS + "/{job}/problems/{problem}/replay", Access.READ, this::replay));
    }

    // ---- replay

    private CompletionStage<ApiResponse> replay(Request request) {
        return api.withProblem(
                request,
                (job, line) -> ifValid(
                        law(request, Replay.Law.of(job.method())),
                        law -> recorded(job.id(), line.id())
                                .thenApply(state -> new ApiResponse.Ok(
                                        switch (state) {
                                            case ProblemState.Unknown unknown ->
                                                refused(
                                                        job.id(),
                                                        line,
                                                        law,
                                                        "a problem that has started was expected: this one has not");
                                            case ProblemState.Running running ->
                                                replay(job.id(), line, law, running.replay(law));
                                            case ProblemState.Ended ended ->
                                                replay(
                                                        job.id(),
                                                        line,
                                                        law,
                                                        ended.last().replay(law));
                                        }))));
    }

    private static ReplayDocument replay(String job, ProblemLine line, Replay.Law law, Replay replay) {
        return switch (replay) {
            case Replay.Refused(var detail) -> refused(job, line, law, detail);
            case Replay.Reweighted(var outcome, var ess) ->
                new ReplayDocument(
                        job,
                        line.id(),
                        law,
                        line.answer(),
                        outcome.answer(),
                        outcome.particles().size(),
                        ess,
                        outcome.posterior(),
                        outcome.logEvidence(),
                        outcome.noEvidence(),
                        null);
        };
    }

    private static ReplayDocument refused(String job, ProblemLine line, Replay.Law law, String detail) {
        return new ReplayDocument(
                job, line.id(), law, line.answer(), null, 0, null, List.of(), null, "the run was not replayed", detail);
    }

    /** The law the URL asks for; what it leaves out is as recorded. */
    private static Checked<Replay.Law> law(Request request, Replay.Law recorded) {
        try {
            return new Checked.Valid<>(new Replay.Law(
                    named(request, "target", Target.values(), Target::id, recorded.target()),
                    request.query("temperature").map(RecordsApi::number).orElse(recorded.temperature()),
                    named(request, "aggregation", Aggregation.values(), Aggregation::id, recorded.aggregation()),
                    named(request, "selection", Selection.values(), Selection::id, recorded.selection())));
        } catch (IllegalArgumentException impossible) {
            return new Checked.Invalid<>(ApiError.of(ErrorKind.UNKNOWN_VALUE, impossible.getMessage()));
        }
    }

    private static <T> T named(Request request, String field, T[] values, Function<T, String> id, T recorded) {
        var asked = request.query(field);
        if (asked.isEmpty()) {
            return recorded;
        }
        return Arrays.stream(values)
                .filter(value -> id.apply(value).equals(asked.get()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(field + " must be one of "
                        + Arrays.stream(values).map(id).toList() + ": was another"));
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException none) {
            throw new IllegalArgumentException("temperature must be a positive number: was none", none);
        }
    }

    // ---- export

    private CompletionStage<ApiResponse> export(Request request) {
        return api.withJobId(
                request,
                id -> api.kept()
                        .job(id)
                        .thenCompose(row -> row.map(job -> done(new ApiResponse.Lines(lines(job))))
                                .orElseGet(() -> done(Api.unknownJob()))));
    }

    /** One problem after the other, as fast as they are taken. */
    private Source<ByteString, NotUsed> lines(JobRow job) {
        var first = Source.single(List.<ExportLine>of(new ExportLine.OfJob(
                ExportLine.SCHEMA,
                job.id(),
                JobDocument.instant(job.acceptedAtMillis()),
                ((JobEvent.Accepted) job.first()).specification().withoutProblems())));
        var problems = Source.unfoldAsync(
                        0,
                        from -> api.kept()
                                .problems(job.id(), Optional.empty(), from, PROBLEMS_AT_ONCE)
                                .thenApply(rows -> rows.isEmpty()
                                        ? Optional.<Pair<Integer, List<ProblemRow>>>empty()
                                        : Optional.of(Pair.create(rows.getLast().position() + 1, rows))))
                .mapConcat(rows -> rows)
                .mapAsync(1, row -> lines(job.id(), row));
        return first.concat(problems)
                .recover(new PFBuilder<Throwable, List<ExportLine>>()
                        .matchAny(failure -> List.of(error(job.id(), null, Failures.cause(failure))))
                        .build())
                .takeWhile(lines -> !(lines.getLast() instanceof ExportLine.OfError), true)
                .map(RecordsApi::written);
    }

    private CompletionStage<List<ExportLine>> lines(String job, ProblemRow row) {
        return recorded(job, row.problem())
                .thenApply(state -> lines(job, row, state))
                .exceptionally(failure -> List.of(error(job, row.problem(), Failures.cause(failure))));
    }

    /** The last line: the reader learns that what was sent is not all. */
    private ExportLine error(String job, String problem, Throwable failure) {
        api.system().log().warn("the export of [{}] ends before its end: {}", job, failure.getMessage());
        return StorageException.isOne(failure)
                ? new ExportLine.OfError(
                        job,
                        problem,
                        ErrorKind.STORAGE_UNAVAILABLE.id(),
                        "what is stored must be readable: " + failure.getMessage())
                : new ExportLine.OfError(
                        job,
                        problem,
                        ErrorKind.INTERNAL.id(),
                        "the export must go on to its end: the node's log says why it does not");
    }

    private static List<ExportLine> lines(String job, ProblemRow row, ProblemState state) {
        var lines = new ArrayList<ExportLine>();
        lines.add(new ExportLine.OfProblem(job, row.problem(), row.prompt().messages(), ProblemLine.of(row)));
        switch (state) {
            case ProblemState.Unknown unknown -> {}
            case ProblemState.Running running -> lines.addAll(ExportLine.of(running));
            case ProblemState.Ended ended -> lines.addAll(ExportLine.of(ended.last()));
        }
        return lines;
    }

    private static ByteString written(List<ExportLine> lines) {
        var text = new StringBuilder();
        lines.forEach(line -> text.append(Json.write(line)).append('\n'));
        return ByteString.fromString(text.toString());
    }

    // ---- the journal

    /** What the events of a problem come to. */
    private CompletionStage<ProblemState> recorded(String job, String problem) {
        return recorded(Problem.entityId(job, problem), new ProblemState.Unknown(), 0);
    }

    private CompletionStage<ProblemState> recorded(String entity, ProblemState before, long after) {
        return api.kept()
                .events(Problem.TYPE.name(), entity, after, EVENTS_AT_ONCE)
                .thenCompose(events -> {
                    var state = before;
                    for (var logged : events) {
                        state = state.evolve((ProblemEvent) logged.event());
                    }
                    return events.size() < EVENTS_AT_ONCE
                            ? CompletableFuture.completedStage(state)
                            : recorded(entity, state, events.getLast().number());
                });
    }
}
