package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.Workers;
import cloudchamber.coordinator.http.transport.ApiResponse;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router;
import cloudchamber.coordinator.http.transport.Router.Request;
import cloudchamber.coordinator.http.transport.Router.Route;
import cloudchamber.coordinator.http.transport.StorageTrouble;
import cloudchamber.coordinator.job.Job;
import cloudchamber.coordinator.journal.Storage;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;

/** The cluster and the probes. */
public final class ClusterApi implements Resource {

    /** @param missingWorkers the roles and models nobody serves; a node is ready without them */
    record Ready(String status, List<String> missingWorkers) {}

    /** The workers as this node sees them. */
    record WorkerList(List<ClusterDocument.Worker> workers) {}

    record Live(String status) {}

    /** No job has this id; asking after it shows that jobs can be asked after. */
    private static final String NO_JOB = "no-job";

    private final Api api;

    public ClusterApi(Api api) {
        this.api = api;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                Route.get("/api/v1/cluster", Access.READ, this::cluster),
                Route.get("/api/v1/workers", Access.READ, this::workers),
                Route.post("/api/v1/workers/{worker}/drain", Access.ADMIN, this::drain),
                Route.get("/livez", Access.OPEN, this::live),
                Route.get("/readyz", Access.OPEN, this::ready));
    }

    private CompletionStage<ApiResponse> cluster(Request request) {
        api.discard(request);
        return api.dispatch()
                .thenApply(status -> new ApiResponse.Ok(
                        ClusterDocument.of(Cluster.get(api.system()).state(), status)));
    }

    private CompletionStage<ApiResponse> workers(Request request) {
        api.discard(request);
        return api.dispatch().thenApply(status -> new ApiResponse.Ok(new WorkerList(ClusterDocument.workers(status))));
    }

    private CompletionStage<ApiResponse> drain(Request request) {
        api.discard(request);
        return api.drain(request.parameter("worker"))
                .thenApply(line -> line.<ApiResponse>map(worker -> new ApiResponse.Ok(ClusterDocument.worker(worker)))
                        .orElseGet(() -> ApiResponse.refused(
                                ErrorKind.UNKNOWN_WORKER,
                                "the id of a worker was expected: this node knows none with this one")));
    }

    private CompletionStage<ApiResponse> live(Request request) {
        api.discard(request);
        return done(new ApiResponse.Ok(new Live("live")));
    }

    private CompletionStage<ApiResponse> ready(Request request) {
        api.discard(request);
        if (Router.stopping(api.system())) {
            return done(ApiResponse.refused(
                    ErrorKind.DRAINING, "a node that goes on was expected: this one is about to stop"));
        }
        var status = Cluster.get(api.system()).selfMember().status();
        if (!status.equals(MemberStatus.up())) {
            return done(ApiResponse.refused(
                    ErrorKind.NOT_READY, "the node must be up in its cluster: is " + Api.name(status)));
        }
        return Storage.get(api.system())
                .checkWritable()
                .toCompletableFuture()
                .copy()
                .orTimeout(api.patience().toMillis(), TimeUnit.MILLISECONDS)
                .thenCompose(trouble ->
                        trouble.map(StorageTrouble::refusal).map(Api::done).orElseGet(this::jobsAnswer))
                .exceptionally(failure -> ApiResponse.refused(
                        ErrorKind.STORAGE_UNAVAILABLE, "the database must take a write in time: it does not"));
    }

    private CompletionStage<ApiResponse> jobsAnswer() {
        return api.job(NO_JOB)
                .<Job.ViewReply>ask(Job.GetView::new, api.patience())
                .thenCompose(jobsAnswer -> api.dispatch())
                .<ApiResponse>thenApply(dispatch -> new ApiResponse.Ok(new Ready("ready", Workers.missing(dispatch))))
                .exceptionally(failure -> ApiResponse.refused(
                        ErrorKind.NOT_READY, "jobs must be stored in time: the journal does not answer"));
    }
}
