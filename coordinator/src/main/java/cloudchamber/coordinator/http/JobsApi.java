package cloudchamber.coordinator.http;

import static cloudchamber.coordinator.http.Api.JOBS;
import static cloudchamber.coordinator.http.Api.done;
import static cloudchamber.coordinator.http.Api.ifValid;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.Router.Request;
import cloudchamber.coordinator.http.Router.Route;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemView;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/** Jobs and their problems. */
final class JobsApi implements Resource {

    /** The problems of a job, and where each is. */
    record Problems(List<JobView.ProblemLine> problems) {}

    private final Api api;

    JobsApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.post(JOBS, Access.SUBMIT, this::submit),
                Route.get(JOBS + "/{job}", Access.READ, this::job),
                Route.post(JOBS + "/{job}/cancel", Access.SUBMIT, this::cancel),
                Route.get(JOBS + "/{job}/problems", Access.READ, this::problems),
                Route.get(JOBS + "/{job}/problems/{problem}", Access.READ, this::problem));
    }

    private CompletionStage<Reply> submit(Request request) {
        return api.withJson(
                request, json -> ifValid(JobRequest.read(json, "job-" + api.freshId(), api.settings()), this::accept));
    }

    private CompletionStage<Reply> accept(JobSpecification specification) {
        var id = specification.id();
        return api.job(id)
                .<Job.ViewReply>ask(replyTo -> new Job.Submit(specification, replyTo), api.patience())
                .thenCompose(reply -> document(reply.view()))
                .<Reply>thenApply(document -> new Reply.Accepted(document, JOBS + "/" + id))
                .exceptionally(failure -> {
                    if (Router.cause(failure) instanceof TimeoutException) {
                        return new Reply.Refused(ApiError.of(
                                        ErrorKind.TIMED_OUT,
                                        "the job must be stored in time: it was not confirmed, and may or may not run as "
                                                + id)
                                .with("job", id));
                    }
                    throw new CompletionException(failure);
                });
    }

    private CompletionStage<Reply> job(Request request) {
        return api.withJob(request, job -> document(job).thenApply(Reply.Ok::new));
    }

    private CompletionStage<Reply> cancel(Request request) {
        return api.withJobId(
                request,
                id -> api.job(id)
                        .<Job.ViewReply>ask(Job.Cancel::new, api.patience())
                        .thenCompose(reply -> reply.view() == null ? done(Api.unknownJob()) : cancelled(reply.view())));
    }

    private CompletionStage<Reply> cancelled(JobView job) {
        return switch (job.status()) {
            case SUCCEEDED, FAILED ->
                done(new Reply.Refused(ApiError.of(
                                ErrorKind.ALREADY_TERMINAL,
                                "a job that runs was expected: " + job.id() + " has " + Api.name(job.status()))
                        .with("jobStatus", job.status())));
            case QUEUED, RUNNING, CANCELLED -> document(job).thenApply(Reply.Ok::new);
        };
    }

    private CompletionStage<Reply> problems(Request request) {
        return api.withJob(request, job -> done(new Reply.Ok(new Problems(job.problems()))));
    }

    private CompletionStage<Reply> problem(Request request) {
        return api.withProblem(
                request,
                (job, line) -> api.problem(job.id(), line.id())
                        .<Problem.ViewReply>ask(Problem.GetView::new, api.patience())
                        .thenApply(reply -> new Reply.Ok(
                                reply.view() != null
                                        ? reply.view()
                                        : ProblemView.notStarted(line.id(), line.question(), line.status()))));
    }

    /** The job's document; without what it waits for if the dispatcher does not answer. */
    private CompletionStage<JobDocument> document(JobView job) {
        return api.dispatch()
                .<Optional<List<Dispatcher.WorkerLine>>>thenApply(status -> Optional.of(status.workers()))
                .exceptionally(failure -> Optional.empty())
                .thenApply(workers -> JobDocument.of(job, workers));
    }
}
