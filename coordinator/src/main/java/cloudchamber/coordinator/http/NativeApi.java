package cloudchamber.coordinator.http;

import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.Router.Request;
import cloudchamber.coordinator.http.Router.Route;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSpecification;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.problem.ProblemView;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.http.javadsl.model.HttpMethods;

/** Jobs, the cluster and the probes: from a request to the actors and back. */
final class NativeApi {

    /** The problems of a job, and where each is. */
    record Problems(List<JobView.ProblemLine> problems) {}

    /** @param missingWorkers the roles and models nobody serves; a node is ready without them */
    record Ready(String status, List<String> missingWorkers) {}

    record Live(String status) {}

    private static final String JOBS = "/api/v1/jobs";
    private static final Pattern JOB_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    /** No job has this id; asking after it shows that jobs can be asked after. */
    private static final String NO_JOB = "no-job";

    private final ActorSystem<?> system;
    private final HttpSettings settings;
    private final ClusterSharding sharding;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final Supplier<String> ids;
    private final Bodies bodies;
    private final Duration patience;

    NativeApi(
            ActorSystem<?> system,
            HttpSettings settings,
            ClusterSharding sharding,
            ActorRef<Dispatcher.Command> dispatcher,
            Supplier<String> ids) {
        this.system = system;
        this.settings = settings;
        this.sharding = sharding;
        this.dispatcher = dispatcher;
        this.ids = ids;
        // Half the time for the body and a fifth for each of at most two questions to actors, so that what
        // takes too long is named here before the server's own limit cuts the request.
        this.bodies = new Bodies(
                settings.maxContentLengthBytes(), settings.requestTimeout().dividedBy(2), system);
        this.patience = settings.requestTimeout().dividedBy(5);
    }

    List<Route> routes() {
        return List.of(
                new Route(HttpMethods.POST, JOBS, this::submit),
                new Route(HttpMethods.GET, JOBS + "/{job}", this::job),
                new Route(HttpMethods.POST, JOBS + "/{job}/cancel", this::cancel),
                new Route(HttpMethods.GET, JOBS + "/{job}/problems", this::problems),
                new Route(HttpMethods.GET, JOBS + "/{job}/problems/{problem}", this::problem),
                new Route(HttpMethods.GET, "/api/v1/cluster", this::cluster),
                new Route(HttpMethods.GET, "/livez", this::live),
                new Route(HttpMethods.GET, "/readyz", this::ready));
    }

    // ---- jobs

    private CompletionStage<Reply> submit(Request request) {
        return bodies.read(request.http())
                .thenCompose(body -> ifValid(
                        body,
                        bytes -> ifValid(
                                Json.read(bytes),
                                json -> ifValid(JobRequest.read(json, "job-" + ids.get(), settings), this::accept))));
    }

    private CompletionStage<Reply> accept(JobSpecification specification) {
        var id = specification.id();
        return job(id).<Job.ViewReply>ask(replyTo -> new Job.Submit(specification, replyTo), patience)
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
        return withJob(request, job -> document(job).thenApply(Reply.Ok::new));
    }

    private CompletionStage<Reply> cancel(Request request) {
        return withJobId(
                request,
                id -> job(id).<Job.ViewReply>ask(Job.Cancel::new, patience)
                        .thenCompose(reply -> reply.view() == null ? done(unknownJob()) : cancelled(reply.view())));
    }

    private CompletionStage<Reply> cancelled(JobView job) {
        return switch (job.status()) {
            case SUCCEEDED, FAILED ->
                done(new Reply.Refused(ApiError.of(
                                ErrorKind.ALREADY_TERMINAL,
                                "a job that runs was expected: " + job.id() + " has " + name(job.status()))
                        .with("jobStatus", job.status())));
            case QUEUED, RUNNING, CANCELLED -> document(job).thenApply(Reply.Ok::new);
        };
    }

    private CompletionStage<Reply> problems(Request request) {
        return withJob(request, job -> done(new Reply.Ok(new Problems(job.problems()))));
    }

    private CompletionStage<Reply> problem(Request request) {
        var id = request.parameter("problem");
        if (!JobRequest.isProblemId(id)) {
            discard(request);
            return done(Reply.refused(ErrorKind.INVALID_ID, "a problem's id was expected in the path: this is none"));
        }
        return withJob(
                request,
                job -> job.problems().stream()
                        .filter(line -> line.id().equals(id))
                        .findFirst()
                        .map(line -> view(job, line))
                        .orElseGet(() -> done(Reply.refused(
                                ErrorKind.UNKNOWN_PROBLEM,
                                "a problem of the job was expected: it has none with this id"))));
    }

    private CompletionStage<Reply> view(JobView job, JobView.ProblemLine line) {
        return sharding.entityRefFor(Problem.TYPE, Problem.entityId(job.id(), line.id()))
                .<Problem.ViewReply>ask(Problem.GetView::new, patience)
                .thenApply(reply -> new Reply.Ok(
                        reply.view() != null
                                ? reply.view()
                                : ProblemView.notStarted(line.id(), line.question(), line.status())));
    }

    /** Answers with what {@code then} says of the job the path names, or that there is none. */
    private CompletionStage<Reply> withJob(Request request, Function<JobView, CompletionStage<Reply>> then) {
        return withJobId(
                request,
                id -> view(id).thenCompose(
                                reply -> reply.view() == null ? done(unknownJob()) : then.apply(reply.view())));
    }

    private CompletionStage<Reply> withJobId(Request request, Function<String, CompletionStage<Reply>> then) {
        discard(request);
        var id = request.parameter("job");
        return JOB_ID.matcher(id).matches()
                ? then.apply(id)
                : done(Reply.refused(ErrorKind.INVALID_ID, "a job's id was expected in the path: this is none"));
    }

    private static Reply unknownJob() {
        return Reply.refused(ErrorKind.UNKNOWN_JOB, "the id of a job was expected: no job has this one");
    }

    private CompletionStage<Job.ViewReply> view(String id) {
        return job(id).ask(Job.GetView::new, patience);
    }

    private EntityRef<Job.Command> job(String id) {
        return sharding.entityRefFor(Job.TYPE, id);
    }

    /** The job's document; without what it waits for if the dispatcher does not answer. */
    private CompletionStage<JobDocument> document(JobView job) {
        return dispatch()
                .<Optional<List<Dispatcher.WorkerLine>>>thenApply(status -> Optional.of(status.workers()))
                .exceptionally(failure -> Optional.empty())
                .thenApply(workers -> JobDocument.of(job, workers));
    }

    // ---- the cluster and the probes

    private CompletionStage<Reply> cluster(Request request) {
        discard(request);
        return dispatch()
                .thenApply(status ->
                        new Reply.Ok(ClusterDocument.of(Cluster.get(system).state(), status)));
    }

    private CompletionStage<Reply> live(Request request) {
        discard(request);
        return done(new Reply.Ok(new Live("live")));
    }

    private CompletionStage<Reply> ready(Request request) {
        discard(request);
        var status = Cluster.get(system).selfMember().status();
        if (!status.equals(MemberStatus.up())) {
            return done(Reply.refused(ErrorKind.NOT_READY, "the node must be up in its cluster: is " + name(status)));
        }
        return view(NO_JOB)
                .thenCompose(jobsAnswer -> dispatch())
                .<Reply>thenApply(dispatch -> new Reply.Ok(new Ready("ready", Workers.missing(dispatch))))
                .exceptionally(failure ->
                        Reply.refused(ErrorKind.NOT_READY, "jobs must be stored in time: the journal does not answer"));
    }

    private CompletionStage<Dispatcher.Status> dispatch() {
        return AskPattern.ask(dispatcher, Dispatcher.GetStatus::new, patience, system.scheduler());
    }

    // ---- small change

    private void discard(Request request) {
        request.http().discardEntityBytes(system);
    }

    private static <T> CompletionStage<Reply> ifValid(Checked<T> checked, Function<T, CompletionStage<Reply>> then) {
        return switch (checked) {
            case Checked.Valid<T>(var value) -> then.apply(value);
            case Checked.Invalid<T>(var error) -> done(new Reply.Refused(error));
        };
    }

    private static CompletionStage<Reply> done(Reply reply) {
        return CompletableFuture.completedStage(reply);
    }

    private static String name(Object status) {
        return status.toString().toLowerCase(Locale.ROOT);
    }
}
