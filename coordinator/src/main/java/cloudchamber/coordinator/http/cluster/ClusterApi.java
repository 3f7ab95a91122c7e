package cloudchamber.coordinator.http.cluster;

import static cloudchamber.coordinator.http.api.Api.done;

import cloudchamber.coordinator.access.Access;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.api.Workers;
import cloudchamber.coordinator.http.transport.ErrorKind;
import cloudchamber.coordinator.http.transport.Reply;
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

    private CompletionStage<Reply> cluster(Request request) {
        api.discard(request);
        return api.dispatch()
                .thenApply(status -> new Reply.Ok(
                        ClusterDocument.of(Cluster.get(api.system()).state(), status)));
    }

    private CompletionStage<Reply> workers(Request request) {
        api.discard(request);
        return api.dispatch().thenApply(status -> new Reply.Ok(new WorkerList(ClusterDocument.workers(status))));
    }

    private CompletionStage<Reply> drain(Request request) {
        api.discard(request);
        return api.drain(request.parameter("worker"))
                .thenApply(line -> line.<Reply>map(worker -> new Reply.Ok(ClusterDocument.worker(worker)))
                        .orElseGet(() -> Reply.refused(
                                ErrorKind.UNKNOWN_WORKER,
                                "the id of a worker was expected: this node knows none with this one")));
    }

    private CompletionStage<Reply> live(Request request) {
        api.discard(request);
        return done(new Reply.Ok(new Live("live")));
    }

    private CompletionStage<Reply> ready(Request request) {
        api.discard(request);
        if (Router.stopping(api.system())) {
            return done(
                    Reply.refused(ErrorKind.DRAINING, "a node that goes on was expected: this one is about to stop"));
        }
        var status = Cluster.get(api.system()).selfMember().status();
        if (!status.equals(MemberStatus.up())) {
            return done(
                    Reply.refused(ErrorKind.NOT_READY, "the node must be up in its cluster: is " + Api.name(status)));
        }
        return Storage.get(api.system())
                .checkWritable()
                .toCompletableFuture()
                .copy()
                .orTimeout(api.patience().toMillis(), TimeUnit.MILLISECONDS)
                .thenCompose(trouble ->
                        trouble.map(StorageTrouble::refusal).map(Api::done).orElseGet(this::jobsAnswer))
                .exceptionally(failure -> Reply.refused(
                        ErrorKind.STORAGE_UNAVAILABLE, "the database must take a write in time: it does not"));
    }

    private CompletionStage<Reply> jobsAnswer() {
        return api.job(NO_JOB)
                .<Job.ViewReply>ask(Job.GetView::new, api.patience())
                .thenCompose(jobsAnswer -> api.dispatch())
                .<Reply>thenApply(dispatch -> new Reply.Ok(new Ready("ready", Workers.missing(dispatch))))
                .exceptionally(failure ->
                        Reply.refused(ErrorKind.NOT_READY, "jobs must be stored in time: the journal does not answer"));
    }
}
