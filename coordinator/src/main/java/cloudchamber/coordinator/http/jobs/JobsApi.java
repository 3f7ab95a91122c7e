package cloudchamber.coordinator.http.jobs;

import static cloudchamber.coordinator.http.api.Api.JOBS;
import static cloudchamber.coordinator.http.api.Api.done;
import static cloudchamber.coordinator.http.api.Api.ifValid;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.AvailableModels;
import cloudchamber.coordinator.http.api.JobCost;
import cloudchamber.coordinator.http.api.JobDocument;
import cloudchamber.coordinator.http.api.ProblemLine;
import cloudchamber.coordinator.http.transport.ApiError;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Failures;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.Page;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobEvent;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobStatus;
import cloudchamber.coordinator.job.JobSubmission;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.journal.JobFilter;
import cloudchamber.coordinator.journal.JobRow;
import cloudchamber.coordinator.journal.ProblemRow;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemReads;
import cloudchamber.coordinator.problem.ProblemView;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.pekko.NotUsed;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;

/** Jobs and their problems. */
public final class JobsApi implements Resource {

    /** @param lastId of the last one, to ask for those after it */
    record Jobs(List<JobDocument> jobs, boolean hasMore, String lastId) {}

    /** @param lastId of the last one, to ask for those after it */
    record Problems(List<ProblemLine> problems, boolean hasMore, String lastId) {}

    /** @param at as ISO 8601 has it, in UTC */
    record Logged(long number, String at, String type, Object event) {}

    /** @param lastId of the last one, to ask for those after it */
    record Log(List<Logged> events, boolean hasMore, String lastId) {}

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final Duration KEYS_ARE_KEPT = Duration.ofHours(48);
    private static final int PROBLEMS_IN_A_PIECE = 1000;
    private static final String RETRY_SECONDS = "1";

    private final Api api;
    private final ProblemReads reads;

    public JobsApi(Api api) {
        this.api = api;
        this.reads = new ProblemReads(api.kept());
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(JOBS, Access.SUBMIT, this::submit),
                Route.get(JOBS, Access.READ, this::jobs),
                Route.get(JOBS + "/{job}", Access.READ, this::job),
                Route.delete(JOBS + "/{job}", Access.SUBMIT, this::delete),
                Route.post(JOBS + "/{job}/cancel", Access.SUBMIT, this::cancel),
                Route.post(JOBS + "/{job}/retry", Access.SUBMIT, this::retry),
                Route.get(JOBS + "/{job}/log", Access.READ, this::log),
                Route.get(JOBS + "/{job}/results", Access.READ, this::results),
                Route.get(JOBS + "/{job}/problems", Access.READ, this::problems),
                Route.get(JOBS + "/{job}/problems/{problem}", Access.READ, this::problem));
    }

    // ---- submission

    private CompletionStage<ApiResponse> submit(Request request) {
        var key = request.header("Idempotency-Key");
        if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
            api.discard(request);
            return done(ApiResponse.refused(
                    ErrorKind.INVALID_ID, "Idempotency-Key must be 1 to 255 visible ASCII characters: was not"));
        }
        return api.withJson(
                request,
                json -> dispatch()
                        .thenCompose(status -> ifValid(
                                JobRequest.read(json, "job-" + api.freshId(), api.settings(), served(status)), read -> {
                                    var specification =
                                            read.ownedBy(request.tenant().name());
                                    return key.map(given -> withKey(
                                                    request.tenant().scoped(given), json, specification, status))
                                            .orElseGet(() -> admit(specification, status));
                                })));
    }

    /** A dispatcher that does not answer keeps no job from being accepted. */
    private static AvailableModels served(Optional<Dispatcher.Status> status) {
        return status.map(AvailableModels::of).orElse(AvailableModels.UNKNOWN);
    }

    /** The same key and body get the same job, however often and wherever they come. */
    private CompletionStage<ApiResponse> withKey(
            String key, JsonNode body, JobSpecification specification, Optional<Dispatcher.Status> status) {
        long now = System.currentTimeMillis();
        var digest = sha256(body.toString());
        return api.kept()
                .reserve(key, digest, specification.id(), now, now - KEYS_ARE_KEPT.toMillis())
                .thenCompose(reserved -> {
                    if (!reserved.body().equals(digest)) {
                        return done(
                                ApiResponse.refused(
                                        ErrorKind.IDEMPOTENCY_MISMATCH,
                                        "the body of the first request with this Idempotency-Key was expected: this one differs"));
                    }
                    return reserved.job().equals(specification.id())
                            ? admit(specification, status)
                            : again(specification.withId(reserved.job()), status);
                });
    }

    /** What was accepted before is told again, however full the queue; what was not yet is accepted now. */
    private CompletionStage<ApiResponse> again(JobSpecification specification, Optional<Dispatcher.Status> status) {
        return api.kept()
                .job(specification.id())
                .thenCompose(row -> row.isPresent()
                        ? accept(specification.withoutProblems(), status)
                        : admit(specification, status))
                .thenApply(reply -> reply instanceof ApiResponse.Accepted(var document, var location, var replayed)
                        ? new ApiResponse.Accepted(document, location, true)
                        : reply);
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private CompletionStage<ApiResponse> admit(JobSpecification specification, Optional<Dispatcher.Status> status) {
        return api.ifRoom(specification.count(), () -> accept(specification, status));
    }

    private CompletionStage<ApiResponse> accept(JobSpecification specification, Optional<Dispatcher.Status> status) {
        var id = specification.id();
        return api.written(JobSubmission.submit(api.job(id), specification, api.patience()))
                .<ApiResponse>thenApply(reply -> reply.view() == null
                        ? Api.unknownJob()
                        : new ApiResponse.Accepted(document(reply.view(), status), JOBS + "/" + id))
                .exceptionally(failure -> {
                    if (Failures.cause(failure) instanceof TimeoutException) {
                        return new ApiResponse.Refused(ApiError.of(
                                        ErrorKind.TIMED_OUT,
                                        "the job must be stored in time: it was not confirmed, and may or may not run as "
                                                + id)
                                .with("job", id));
                    }
                    throw new CompletionException(failure);
                });
    }

    // ---- lists

    private CompletionStage<ApiResponse> jobs(Request request) {
        api.discard(request);
        return ifValid(
                Page.of(request),
                page -> ifValid(
                        filter(request),
                        filter -> api.kept()
                                .jobs(filter.of(request.tenant().name()), request.query("after"), page.andOne())
                                .thenApply(rows -> {
                                    var cut = page.cut(rows, JobRow::id);
                                    return new ApiResponse.Ok(new Jobs(
                                            cut.entries().stream()
                                                    .map(row -> JobDocument.of(JobView.of(row), Optional.empty()))
                                                    .toList(),
                                            cut.hasMore(),
                                            cut.lastId()));
                                })));
    }

    private static Checked<JobFilter> filter(Request request) {
        var labels = new HashMap<String, String>();
        for (var label : request.queries("label")) {
            int colon = label.indexOf(':');
            if (colon < 1) {
                return new Checked.Invalid<>(
                        ApiError.of(ErrorKind.OUT_OF_RANGE, "label must be NAME:VALUE: was without a name or a colon"));
            }
            labels.put(label.substring(0, colon), label.substring(colon + 1));
        }
        var status = request.query("status");
        var names = Arrays.stream(JobStatus.values()).map(Api::name).toList();
        if (status.isPresent() && !names.contains(status.get())) {
            return new Checked.Invalid<>(
                    ApiError.of(ErrorKind.UNKNOWN_VALUE, "status must be one of " + names + ": was another"));
        }
        return new Checked.Valid<>(new JobFilter(
                Optional.empty(),
                status,
                request.query("method"),
                request.query("policy"),
                request.query("prm"),
                labels));
    }

    private CompletionStage<ApiResponse> job(Request request) {
        return api.withJob(
                request,
                job -> withNumericsClasses(job)
                        .thenCompose(this::document)
                        .thenCombine(
                                api.kept().total(job.id()),
                                (document, total) -> new ApiResponse.Ok(document.with(JobCost.of(total)))));
    }

    /** The read model does not keep the classes that served a job: one that is over is asked itself. */
    private CompletionStage<JobView> withNumericsClasses(JobView job) {
        return job.endedAtMillis() == null
                ? CompletableFuture.completedStage(job)
                : api.job(job.id())
                        .<Job.ViewReply>ask(Job.GetView::new, api.patience())
                        .handle((reply, failure) -> reply == null || reply.view() == null ? job : reply.view());
    }

    private CompletionStage<ApiResponse> log(Request request) {
        long after = request.query("after")
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::parseLong)
                .orElse(0L);
        return ifValid(
                Page.of(request),
                page -> api.withJob(
                        request,
                        job -> api.kept()
                                .events(Job.TYPE.name(), job.id(), after, page.andOne())
                                .thenApply(events -> {
                                    var cut = page.cut(events, event -> Long.toString(event.number()));
                                    return new ApiResponse.Ok(new Log(
                                            cut.entries().stream()
                                                    .map(JobsApi::logged)
                                                    .toList(),
                                            cut.hasMore(),
                                            cut.lastId()));
                                })));
    }

    private static Logged logged(ReadModel.LoggedEvent logged) {
        return new Logged(
                logged.number(),
                JobDocument.instant(logged.atMillis()),
                ((JobEvent) logged.event()).nameInLog(),
                logged.event());
    }

    // ---- changes

    private CompletionStage<ApiResponse> delete(Request request) {
        return api.withJobId(
                request,
                id -> api.written(api.job(id).<Job.ViewReply>ask(Job.Delete::new, api.patience()))
                        .thenCompose(reply -> {
                            if (reply.view() == null) {
                                return done(Api.unknownJob());
                            }
                            return reply.view().endedAtMillis() == null
                                    ? done(notFinished(reply.view()))
                                    : document(reply.view()).thenApply(ApiResponse.Ok::new);
                        }));
    }

    private CompletionStage<ApiResponse> retry(Request request) {
        return api.withJob(request, job -> {
            if (job.endedAtMillis() == null) {
                return done(notFinished(job));
            }
            if (job.status() == JobStatus.CANCELLED || job.counts().failed() == 0) {
                return done(alreadyTerminal("a job with failed problems was expected: " + job.id() + " has none", job));
            }
            return api.written(api.job(job.id()).<Job.ViewReply>ask(Job.Retry::new, api.patience()))
                    .thenCompose(reply -> reply.view() == null
                            ? done(Api.unknownJob())
                            : document(reply.view()).thenApply(ApiResponse.Ok::new));
        });
    }

    private static ApiResponse notFinished(JobView job) {
        return new ApiResponse.Refused(ApiError.of(
                        ErrorKind.NOT_FINISHED,
                        "a job that is over was expected: " + job.id() + " is " + Api.name(job.status()))
                .with("jobStatus", job.status())
                .with("progress", JobDocument.progress(job.counts()))
                .withHeader("Retry-After", RETRY_SECONDS));
    }

    private static ApiResponse alreadyTerminal(String detail, JobView job) {
        return new ApiResponse.Refused(
                ApiError.of(ErrorKind.ALREADY_TERMINAL, detail).with("jobStatus", job.status()));
    }

    private CompletionStage<ApiResponse> cancel(Request request) {
        return api.withJobId(
                request,
                id -> api.written(api.job(id).<Job.ViewReply>ask(Job.Cancel::new, api.patience()))
                        .thenCompose(reply -> reply.view() == null ? done(Api.unknownJob()) : cancelled(reply.view())));
    }

    private CompletionStage<ApiResponse> cancelled(JobView job) {
        return switch (job.status()) {
            case SUCCEEDED, FAILED ->
                done(alreadyTerminal(
                        "a job that runs was expected: " + job.id() + " has " + Api.name(job.status()), job));
            case QUEUED, RUNNING, CANCELLED -> document(job).thenApply(ApiResponse.Ok::new);
        };
    }

    // ---- problems

    private CompletionStage<ApiResponse> problems(Request request) {
        return ifValid(
                Page.of(request),
                page -> api.withJob(request, job -> {
                    var after = request.query("after");
                    return after.isEmpty()
                            ? problems(job, request.query("status"), 0, page)
                            : api.kept()
                                    .problem(job.id(), after.get())
                                    .thenCompose(
                                            row -> row.map(known -> problems(
                                                            job, request.query("status"), known.position() + 1, page))
                                                    .orElseGet(
                                                            () -> done(
                                                                    ApiResponse.refused(
                                                                            ErrorKind.UNKNOWN_PROBLEM,
                                                                            "after must name a problem of the job: it has none with this id"))));
                }));
    }

    private CompletionStage<ApiResponse> problems(JobView job, Optional<String> status, int from, Page page) {
        return api.kept().problems(job.id(), status, from, page.andOne()).thenApply(rows -> {
            var cut = page.cut(rows, ProblemRow::problem);
            return new ApiResponse.Ok(
                    new Problems(cut.entries().stream().map(ProblemLine::of).toList(), cut.hasMore(), cut.lastId()));
        });
    }

    /** The problems of a job that is over, a line each, as fast as they are taken. */
    private CompletionStage<ApiResponse> results(Request request) {
        return api.withJob(
                request,
                job -> done(job.endedAtMillis() == null ? notFinished(job) : new ApiResponse.Lines(lines(job.id()))));
    }

    private Source<ByteString, NotUsed> lines(String job) {
        return Source.unfoldAsync(
                        0,
                        from -> api.kept()
                                .problems(job, Optional.empty(), from, PROBLEMS_IN_A_PIECE)
                                .thenApply(rows -> rows.isEmpty()
                                        ? Optional.<Pair<Integer, List<ProblemRow>>>empty()
                                        : Optional.of(Pair.create(rows.getLast().position() + 1, rows))))
                .map(rows -> ByteString.fromString(rows.stream()
                        .map(row -> Json.write(ProblemLine.of(row)) + "\n")
                        .collect(Collectors.joining())));
    }

    private CompletionStage<ApiResponse> problem(Request request) {
        return api.withProblem(request, (job, line) -> {
            var ended = line.status().terminal()
                    ? reads.ended(job.id(), line.id())
                    : CompletableFuture.completedStage(Optional.<ProblemView>empty());
            return ended.thenCompose(
                    view -> view.<CompletionStage<ApiResponse>>map(over -> done(new ApiResponse.Ok(over)))
                            .orElseGet(() -> askProblem(job, line)));
        });
    }

    private CompletionStage<ApiResponse> askProblem(JobView job, ProblemLine line) {
        return api.problem(job.id(), line.id())
                .<Problem.ViewReply>ask(Problem.GetView::new, api.patience())
                .thenApply(reply -> new ApiResponse.Ok(
                        reply.view() != null
                                ? reply.view()
                                : ProblemView.notStarted(line.id(), line.question(), line.status())));
    }

    private CompletionStage<JobDocument> document(JobView job) {
        return dispatch().thenApply(status -> document(job, status));
    }

    /** The job's document; without the models it waits for if the dispatcher did not answer. */
    private static JobDocument document(JobView job, Optional<Dispatcher.Status> status) {
        return JobDocument.of(job, status.map(Dispatcher.Status::workers));
    }

    private CompletionStage<Optional<Dispatcher.Status>> dispatch() {
        return api.dispatch().thenApply(Optional::of).exceptionally(silent -> Optional.empty());
    }
}
