package cloudchamber.coordinator.http.api;

import cloudchamber.coordinator.access.Keyring;
import cloudchamber.coordinator.access.Tenant;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.Bodies;
import cloudchamber.coordinator.http.transport.BodyMemory;
import cloudchamber.coordinator.http.transport.Checked;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.Json;
import cloudchamber.coordinator.http.transport.PathIds;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.job.JobSettings;
import cloudchamber.coordinator.job.JobView;
import cloudchamber.coordinator.job.Retention;
import cloudchamber.coordinator.journal.KeyStore;
import cloudchamber.coordinator.journal.ReadModel;
import cloudchamber.coordinator.journal.Storage;
import cloudchamber.coordinator.problem.Problem;
import cloudchamber.coordinator.sweep.DataSets;
import cloudchamber.coordinator.sweep.NeededJobs;
import cloudchamber.coordinator.sweep.Sweep;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityRef;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** What every resource needs: bodies as JSON, and answers of the actors within a limit. */
public final class Api {
    public static final String JOBS = "/api/v1/jobs";

    private final ActorSystem<?> system;
    private final HttpSettings settings;
    private final ClusterSharding sharding;
    private final ActorRef<Dispatcher.Command> dispatcher;
    private final Supplier<String> ids;
    private final Bodies bodies;
    private final BodyMemory memory;
    private final Duration patience;
    private final Storage storage;
    private final ReadModel kept;
    private final JobSettings jobs;
    private final KeyStore keys;
    private final Keyring keyring;

    /**
     * @param ids gives a fresh id each time, one nobody can guess
     */
    public Api(
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
        this.memory = new BodyMemory(system.settings().config().getBytes("cloudchamber.http.max-bodies"));
        this.patience = settings.requestTimeout().dividedBy(5);
        this.storage = Storage.get(system);
        this.kept = ReadModel.get(system);
        this.jobs = JobSettings.from(system.settings().config());
        this.keys = KeyStore.get(system);
        this.keyring = new Keyring(keys, keys.isShared(), settings.access().ownKey(), System::currentTimeMillis);
    }

    public ActorSystem<?> system() {
        return system;
    }

    public HttpSettings settings() {
        return settings;
    }

    /** How long an actor may take to answer. */
    public Duration patience() {
        return patience;
    }

    /** A fresh id, one nobody can guess. */
    public String freshId() {
        return ids.get();
    }

    // ---- actors

    public EntityRef<Job.Command> job(String id) {
        return sharding.entityRefFor(Job.TYPE, id);
    }

    public EntityRef<Problem.Command> problem(String job, String problem) {
        return sharding.entityRefFor(Problem.TYPE, Problem.entityId(job, problem));
    }

    /** A tenant's sweep by the id the tenant gave it. */
    public EntityRef<Sweep.Command> sweep(Tenant tenant, String id) {
        return sweepNamed(tenant.scoped(id));
    }

    /** A sweep by its id in the cluster. */
    public EntityRef<Sweep.Command> sweepNamed(String scoped) {
        return sharding.entityRefFor(Sweep.TYPE, scoped);
    }

    /** A tenant's data sets. */
    public EntityRef<DataSets.Command> dataSets(Tenant tenant) {
        return sharding.entityRefFor(DataSets.TYPE, tenant.scoped(DataSets.ID));
    }

    /** The reply of one who has to write first; fails as soon as the database is found to take no writes. */
    public <T> CompletionStage<T> written(CompletionStage<T> reply) {
        return storage.orTrouble(reply);
    }

    /**
     * A job that is over is read from the disk, so that to ask after it wakes nobody; any job while nothing can be
     * written, for what is on the disk is the newest then.
     */
    public CompletionStage<Job.ViewReply> jobView(String id) {
        return kept.job(id)
                .thenCompose(row -> row.isPresent()
                                && row.get().endedAtMillis() == null
                                && storage.writeTrouble().isEmpty()
                        ? job(id).<Job.ViewReply>ask(Job.GetView::new, patience)
                        : CompletableFuture.completedStage(
                                new Job.ViewReply(row.map(JobView::of).orElse(null))));
    }

    public CompletionStage<Dispatcher.Status> dispatch() {
        return AskPattern.ask(dispatcher, Dispatcher.GetStatus::new, patience, system.scheduler());
    }

    /** Has a worker finish what it runs and stop; says how it stood, or that no worker has the id. */
    public CompletionStage<Optional<Dispatcher.WorkerLine>> drain(String workerId) {
        return AskPattern.ask(
                        dispatcher,
                        (ActorRef<Dispatcher.DrainReply> replyTo) -> new Dispatcher.Drain(workerId, replyTo),
                        patience,
                        system.scheduler())
                .thenApply(Dispatcher.DrainReply::worker);
    }

    public JobSettings jobs() {
        return jobs;
    }

    /** Goes on if so many more problems of one more job may wait. */
    public CompletionStage<ApiResponse> ifRoom(int problems, Supplier<CompletionStage<ApiResponse>> then) {
        return kept.unfinished()
                .thenCompose(waiting -> full(waiting, problems)
                        .map(reason -> done(ApiResponse.refused(ErrorKind.QUEUE_FULL, reason)))
                        .orElseGet(then));
    }

    private Optional<String> full(ReadModel.Unfinished waiting, int problems) {
        if (waiting.problems() + problems > jobs.maxQueuedProblems()) {
            return Optional.of("at most " + jobs.maxQueuedProblems() + " problems may wait: " + waiting.problems()
                    + " do, and " + problems + " came");
        }
        return waiting.jobs() >= jobs.maxQueuedJobs()
                ? Optional.of("at most " + jobs.maxQueuedJobs() + " jobs may wait: as many do")
                : Optional.empty();
    }

    /** Removes jobs that are over. */
    public Retention retention() {
        return new Retention(kept, sharding, () -> NeededJobs.of(kept, sharding));
    }

    public KeyStore keys() {
        return keys;
    }

    public Keyring keyring() {
        return keyring;
    }

    /** What is kept of all jobs. */
    public ReadModel kept() {
        return kept;
    }

    /** A problem of a job; empty if it has none with this id. */
    public CompletionStage<Optional<ProblemLine>> line(String job, String problem) {
        return kept.problem(job, problem).thenApply(row -> row.map(ProblemLine::of));
    }

    /** The first problems of a job in order. */
    public CompletionStage<List<ProblemLine>> lines(String job, int count) {
        return kept.problems(job, Optional.empty(), 0, count)
                .thenApply(rows -> rows.stream().map(ProblemLine::of).toList());
    }

    /** Answers with what {@code then} says of the job the path names, or that there is none. */
    public CompletionStage<ApiResponse> withJob(Request request, Function<JobView, CompletionStage<ApiResponse>> then) {
        return withJobId(
                request,
                id -> jobView(id)
                        .thenCompose(reply -> reply.view() == null ? done(unknownJob()) : then.apply(reply.view())));
    }

    /** Answers with what {@code then} says of the id the path names, or that it can be no job's. */
    public CompletionStage<ApiResponse> withJobId(
            Request request, Function<String, CompletionStage<ApiResponse>> then) {
        discard(request);
        var id = request.parameter("job");
        return PathIds.isJob(id)
                ? then.apply(id)
                : done(ApiResponse.refused(ErrorKind.INVALID_ID, "a job's id was expected in the path: this is none"));
    }

    /** Answers with what {@code then} says of the problem of a job the path names, or that there is none. */
    public CompletionStage<ApiResponse> withProblem(Request request, ProblemHandler then) {
        var id = request.parameter("problem");
        if (!PathIds.isProblem(id)) {
            discard(request);
            return done(
                    ApiResponse.refused(ErrorKind.INVALID_ID, "a problem's id was expected in the path: this is none"));
        }
        return withJob(
                request,
                job -> line(job.id(), id)
                        .thenCompose(line -> line.map(known -> then.handle(job, known))
                                .orElseGet(() -> done(ApiResponse.refused(
                                        ErrorKind.UNKNOWN_PROBLEM,
                                        "a problem of the job was expected: it has none with this id")))));
    }

    /** Answers for one problem of a job. */
    public interface ProblemHandler {
        CompletionStage<ApiResponse> handle(JobView job, ProblemLine problem);
    }

    public static ApiResponse unknownJob() {
        return ApiResponse.refused(ErrorKind.UNKNOWN_JOB, "the id of a job was expected: no job has this one");
    }

    // ---- requests and replies

    /** Answers with what {@code then} says of the body, or what is wrong with it as JSON. */
    public CompletionStage<ApiResponse> withJson(
            Request request, Function<JsonNode, CompletionStage<ApiResponse>> then) {
        return withRoom(request, bodies::read, bytes -> ifValid(Json.read(bytes), then));
    }

    /** Answers with what {@code then} says of the body, a file of lines. */
    public CompletionStage<ApiResponse> withFile(Request request, Function<byte[], CompletionStage<ApiResponse>> then) {
        return withRoom(request, bodies::readFile, then);
    }

    /** What a file may unpack to: no more than may come unpacked. */
    public int maxFileBytes() {
        return (int) Math.min(settings.maxContentLengthBytes(), Integer.MAX_VALUE - Long.BYTES);
    }

    /** A body and what is made of it are in memory until the request is answered. */
    private CompletionStage<ApiResponse> withRoom(
            Request request,
            Function<HttpRequest, CompletionStage<Checked<byte[]>>> read,
            Function<byte[], CompletionStage<ApiResponse>> then) {
        long most = settings.maxContentLengthBytes();
        long announced =
                Math.min(most, request.http().entity().getContentLengthOption().orElse(most));
        if (!memory.take(announced)) {
            discard(request);
            return done(ApiResponse.refused(
                    ErrorKind.OVERLOADED, "there must be room for the body: those of other requests fill it"));
        }
        var kept = new AtomicLong(announced);
        return read.apply(request.http())
                .thenCompose(body -> ifValid(body, bytes -> {
                    memory.giveBack(kept.getAndSet(bytes.length) - bytes.length);
                    return then.apply(bytes);
                }))
                .whenComplete((reply, failure) -> memory.giveBack(kept.get()));
    }

    /** For a request whose body nobody reads. */
    public void discard(Request request) {
        request.http().discardEntityBytes(system);
    }

    public static <T> CompletionStage<ApiResponse> ifValid(
            Checked<T> checked, Function<T, CompletionStage<ApiResponse>> then) {
        return switch (checked) {
            case Checked.Valid<T>(var value) -> then.apply(value);
            case Checked.Invalid<T>(var error) -> done(new ApiResponse.Refused(error));
        };
    }

    public static CompletionStage<ApiResponse> done(ApiResponse reply) {
        return CompletableFuture.completedStage(reply);
    }

    /** A status as it stands in sentences. */
    public static String name(Object status) {
        return status.toString().toLowerCase(Locale.ROOT);
    }
}
