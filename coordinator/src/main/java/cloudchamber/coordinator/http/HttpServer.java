package cloudchamber.coordinator.http;

import cloudchamber.coordinator.access.BootstrapKey;
import cloudchamber.coordinator.access.Quotas;
import cloudchamber.coordinator.dispatch.Dispatcher;
import cloudchamber.coordinator.http.api.Api;
import cloudchamber.coordinator.http.chat.ChatApi;
import cloudchamber.coordinator.http.cluster.AuditApi;
import cloudchamber.coordinator.http.cluster.ClusterApi;
import cloudchamber.coordinator.http.cluster.KeysApi;
import cloudchamber.coordinator.http.cluster.Meters;
import cloudchamber.coordinator.http.cluster.MetricsApi;
import cloudchamber.coordinator.http.cluster.SessionApi;
import cloudchamber.coordinator.http.cluster.StorageApi;
import cloudchamber.coordinator.http.jobs.JobsApi;
import cloudchamber.coordinator.http.jobs.RecordsApi;
import cloudchamber.coordinator.http.live.EventsApi;
import cloudchamber.coordinator.http.live.Overview;
import cloudchamber.coordinator.http.sweeps.DataSetsApi;
import cloudchamber.coordinator.http.sweeps.SweepsApi;
import cloudchamber.coordinator.http.transport.ConnectionLimits;
import cloudchamber.coordinator.http.transport.Connections;
import cloudchamber.coordinator.http.transport.Guard;
import cloudchamber.coordinator.http.transport.HttpSettings;
import cloudchamber.coordinator.http.transport.HttpsEngines;
import cloudchamber.coordinator.http.transport.Resource;
import cloudchamber.coordinator.http.transport.Router;
import cloudchamber.coordinator.http.transport.Router.Route;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.MediaTypes;
import org.apache.pekko.http.javadsl.settings.ServerSettings;

/** The HTTP server of a coordinator node. */
public final class HttpServer {
    private static final String PEKKO_SERVER = "pekko.http.server";

    private static final Duration GRACE = Duration.ofSeconds(3);

    /** Pekko itself would drop the charset of a JSON body; with this it is seen, and can be refused. */
    private static final MediaType JSON_OF_ANY_CHARSET = MediaTypes.applicationWithOpenCharset("json");

    private HttpServer() {}

    /**
     * Listens, once {@code Job} and {@code Problem} have been given to {@code sharding}.
     *
     * @param dispatcher of this node
     * @param ids gives a fresh id each time, one nobody can guess
     * @return fails if the port is taken, or nobody has a key to a server that others reach. When the system shuts down, requests under way are answered first
     */
    public static CompletionStage<ServerBinding> start(
            ActorSystem<?> system,
            HttpSettings settings,
            ClusterSharding sharding,
            ActorRef<Dispatcher.Command> dispatcher,
            Supplier<String> ids) {
        var api = new Api(system, settings, sharding, dispatcher, ids);
        var overview = system.systemActorOf(
                Overview.create(
                        Cluster.get(system).selfMember().uniqueAddress().toString(),
                        dispatcher,
                        () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime())),
                "overview-" + UUID.randomUUID(),
                Props.empty());
        var meters = system.systemActorOf(Meters.create(), "meters-" + UUID.randomUUID(), Props.empty());
        var guard = new Guard(
                !settings.onLoopback(),
                api.keyring(),
                new Quotas(settings.access().limits(), api.keys(), System::currentTimeMillis),
                api.keys());
        var router = new Router(routes(api, overview, meters), guard, settings.onLoopback(), ids, system);
        var listening = Http.get(system)
                .newServerAt(settings.host(), settings.port())
                .withSettings(serverSettings(system.settings().config(), settings));
        var secured = settings.access()
                .tls()
                .map(files -> listening.enableHttps(ConnectionContext.httpsServer(HttpsEngines.of(files.context()))))
                .orElse(listening);
        return bootstrapped(settings, api)
                .thenCompose(stored -> keysThere(settings, api))
                .thenCompose(there -> new Connections(
                                ConnectionLimits.from(system.settings().config()),
                                settings.access().tls().isPresent()
                                        ? router.connection()
                                                .map(response -> response.addHeader(HttpsEngines.HTTPS_ONLY))
                                        : router.connection(),
                                system)
                        .listen(secured))
                .thenApply(binding -> {
                    // Not before the workers have finished: until then the node says that it takes nothing new.
                    CoordinatedShutdown.get(system)
                            .addTask(
                                    CoordinatedShutdown.PhaseServiceRequestsDone(),
                                    "http-" + binding.localAddress(),
                                    () -> binding.terminate(GRACE).thenApply(done -> Done.getInstance()));
                    return binding;
                });
    }

    private static CompletionStage<Boolean> bootstrapped(HttpSettings settings, Api api) {
        try {
            return settings.access()
                    .bootstrapKey()
                    .map(file -> BootstrapKey.store(file, api.keys(), System.currentTimeMillis()))
                    .orElseGet(() -> CompletableFuture.completedStage(false));
        } catch (IllegalArgumentException unusable) {
            return CompletableFuture.failedStage(unusable);
        }
    }

    /** Nobody could ask anything of a server that others reach while there is no key. */
    private static CompletionStage<Boolean> keysThere(HttpSettings settings, Api api) {
        return settings.onLoopback()
                ? CompletableFuture.completedStage(true)
                : api.keyring().isEmpty().thenApply(none -> {
                    if (none) {
                        throw new IllegalArgumentException(
                                "a server on the address " + settings.host() + " must have a key before it starts:"
                                        + " there is none; make one with ./cloudchamber keys create --role admin, or give the"
                                        + " first admin's in --bootstrap-key-file");
                    }
                    return true;
                });
    }

    /** Everything that is served. */
    static List<Route> routes(Api api, ActorRef<Overview.Command> overview, ActorRef<Meters.Command> meters) {
        var dataSets = new DataSetsApi(api);
        return Stream.<Resource>of(
                        new JobsApi(api),
                        new RecordsApi(api),
                        new EventsApi(api, overview),
                        dataSets,
                        new SweepsApi(api, dataSets),
                        new ChatApi(api, Clock.systemUTC()),
                        new ClusterApi(api),
                        new StorageApi(api),
                        new KeysApi(api),
                        new AuditApi(api),
                        new SessionApi(api),
                        new MetricsApi(api, meters),
                        new OpenApi(api),
                        new DashboardFiles(api))
                .flatMap(resource -> resource.routes().stream())
                .toList();
    }

    /** Pekko's settings of this server alone: its own, and {@code cloudchamber.http.server} laid over them. */
    private static ServerSettings serverSettings(Config config, HttpSettings settings) {
        var server = ServerSettings.create(config.getConfig("cloudchamber.http.server")
                .withValue(
                        "request-timeout",
                        ConfigValueFactory.fromAnyRef(settings.requestTimeout().toMillis() + " ms"))
                .withValue(
                        "parsing.max-content-length", ConfigValueFactory.fromAnyRef(settings.maxContentLengthBytes()))
                .atPath(PEKKO_SERVER)
                .withFallback(config));
        return server.withParserSettings(server.getParserSettings().withCustomMediaTypes(JSON_OF_ANY_CHARSET));
    }
}
