package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.models.Simulated;
import cloudchamber.protocol.model.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.StreamSupport;

/** Coordinators that share PostgreSQL and workers with simulated models, each in a process of its own. */
final class SharedCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    /** Started in one cluster, one after the other. */
    private static final int MAX_NODES = 24;

    /**
     * The jobs it runs.
     *
     * @param steps of each problem
     * @param millis that a step takes, and a score
     */
    record Load(int problems, int particles, int steps, int millis) {}

    /**
     * An event of a problem.
     *
     * @param writer the life of the problem's entity that wrote it
     */
    record Written(long atMillis, String writer) {}

    /** Where nodes run, and how they and the test reach each other. */
    interface Machines {
        /** All on this one. */
        Machines LOOPBACK = new Machines() {
            @Override
            public List<String> before(int machine) {
                return List.of();
            }

            @Override
            public List<String> arguments(int machine) {
                return List.of();
            }

            @Override
            public String databaseHost() {
                return "localhost";
            }
        };

        /** The words before the command of a node. */
        List<String> before(int machine);

        /** Of a node, beside its own. */
        List<String> arguments(int machine);

        /** Where the nodes find the database. */
        String databaseHost();
    }

    private final Path folder;
    private final Load load;
    private final Machines machines;
    private final String model;
    private final EmbeddedPostgres postgres;
    private final Optional<Secret> key;
    final List<Program.Node> coordinators = new ArrayList<>();
    final List<Program.Node> workers = new ArrayList<>();
    private final Map<Program.Node, Path> logs = new ConcurrentHashMap<>();
    /** Free ones, so that a node that starts again has the address that the others know; ascending. */
    private final List<Integer> ports = freePorts();

    private int started;

    private SharedCluster(Path folder, Load load, Machines machines) throws IOException {
        this.folder = folder;
        this.machines = machines;
        this.load = load;
        var language = folder.resolve("hmm.json");
        Files.writeString(language, """
                {"kind": "hmm", "initial": [0.6, 0.4], "transition": [[0.7, 0.3], [0.2, 0.8]],
                 "reward": [0.9, 0.2], "steps": %d}""".formatted(load.steps()));
        this.model = Simulated.PREFIX + language + "?mean-millis=" + load.millis() + "&cv=0";
        this.postgres = EmbeddedPostgres.builder()
                .setDataDirectory(folder.resolve("postgres"))
                .setServerConfig("listen_addresses", "*")
                .setOutputRedirector(
                        ProcessBuilder.Redirect.appendTo(databaseLog().toFile()))
                .setErrorRedirector(
                        ProcessBuilder.Redirect.appendTo(databaseLog().toFile()))
                .start();
        this.key = machines == Machines.LOOPBACK ? Optional.empty() : Optional.of(openToOthers());
    }

    /** Lets other machines reach the database, and makes the key that their nodes ask for. */
    private Secret openToOthers() throws IOException {
        Files.writeString(
                folder.resolve("postgres").resolve("pg_hba.conf"),
                "host all all 198.18.0.0/15 trust\n",
                StandardOpenOption.APPEND);
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("select pg_reload_conf()");
        } catch (SQLException failed) {
            throw new IOException(failed);
        }
        var made = Program.run("keys", "create", "--role", "admin", "--json", "--database", databaseUrl("localhost"));
        return new Secret(made.json().path("key").asText());
    }

    private static List<Integer> freePorts() {
        var open = new ArrayList<ServerSocket>();
        try {
            for (int port = 0; port < MAX_NODES; port++) {
                open.add(new ServerSocket(0));
            }
            var ports = new ArrayList<>(
                    open.stream().map(ServerSocket::getLocalPort).sorted().toList());
            for (var each : open) {
                each.close();
            }
            return ports;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String databaseUrl(String host) {
        return "jdbc:postgresql://" + host + ":" + postgres.getPort() + "/postgres?user=postgres";
    }

    /** The first coordinator is the oldest, so that it has the shards' coordinator and the singletons. */
    static SharedCluster start(Path folder, int coordinators, int workers, Load load) throws IOException {
        return start(folder, coordinators, workers, load, Machines.LOOPBACK);
    }

    static SharedCluster start(Path folder, int coordinators, int workers, Load load, Machines machines)
            throws IOException {
        var cluster = new SharedCluster(folder, load, machines);
        try {
            for (int coordinator = 0; coordinator < coordinators; coordinator++) {
                cluster.startCoordinator();
            }
            for (int worker = 0; worker < workers; worker++) {
                cluster.startWorker();
            }
            cluster.awaitMembers();
            return cluster;
        } catch (RuntimeException | AssertionError failed) {
            cluster.close();
            throw failed;
        }
    }

    @Override
    public void close() throws IOException {
        workers.forEach(Program.Node::close);
        coordinators.forEach(Program.Node::close);
        postgres.close();
    }

    // ---- members

    Program.Node startCoordinator() {
        return start(
                coordinators,
                "--role",
                "coordinator",
                "--http-port",
                Integer.toString(ports.remove(ports.size() / 2)),
                "--database",
                databaseUrl(machines.databaseHost()));
    }

    Program.Node startWorker() {
        var arguments =
                new ArrayList<>(List.of("--role", "policy", "--role", "prm", "--policy", model, "--prm", model));
        coordinators.forEach(coordinator -> arguments.addAll(List.of("--join", coordinator.address())));
        return start(workers, arguments.toArray(String[]::new));
    }

    private Program.Node start(List<Program.Node> among, String... arguments) {
        int machine = started++;
        var all = new ArrayList<>(List.of(arguments));
        // Workers have the lowest addresses, so that one of them decides about a partition.
        int port = among == workers ? ports.removeFirst() : ports.removeLast();
        all.addAll(List.of("--port", Integer.toString(port)));
        all.addAll(machines.arguments(machine));
        var log = folder.resolve("node-" + started + ".log");
        var node = Program.Node.start(machines.before(machine), log, all);
        logs.put(node, log);
        among.add(node);
        return node;
    }

    /** Starts a node that has ended again, by the same command. */
    void startAgain(List<Program.Node> among, Program.Node ended) {
        var node = ended.again();
        synchronized (this) {
            logs.put(node, logs.get(ended));
            among.set(among.indexOf(ended), node);
        }
    }

    /** Through the youngest coordinator. */
    ApiClient api() {
        return api(coordinators.getLast());
    }

    ApiClient api(Program.Node coordinator) {
        return new ApiClient(coordinator.url(), key, Optional.empty());
    }

    /** Waits until all members are up, the lost are gone, and every coordinator knows every worker. */
    void awaitMembers() {
        awaitMembers(PATIENCE);
    }

    void awaitMembers(Duration patience) {
        for (var coordinator : coordinators) {
            var api = api(coordinator);
            await().atMost(patience).ignoreExceptions().until(() -> {
                var members = api.cluster().path("members");
                return StreamSupport.stream(members.spliterator(), false)
                                .allMatch(
                                        member -> member.path("status").asText().equals("up"))
                        && members.size() == coordinators.size() + workers.size()
                        && Members.workers(api).size() == 2 * workers.size();
            });
        }
    }

    // ---- jobs

    String submit() {
        var job = ApiClient.JSON
                .createObjectNode()
                .put("policy", model)
                .put("prm", model)
                .put("seed", 5)
                .put("grader", "text");
        job.putObject("method")
                .put("id", "particle-filter")
                .put("particles", load.particles())
                .put("target", "product");
        var problems = job.putArray("problems");
        for (int problem = 1; problem <= load.problems(); problem++) {
            problems.addObject().put("id", "p" + problem).put("question", "run " + problem);
        }
        return api().submit(job);
    }

    /** A job each of whose problems has closed some rounds. */
    String submitAndAwaitRounds(int rounds) {
        var job = submit();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> events(job).stream()
                                .filter(events -> events.size() > rounds)
                                .count()
                        == load.problems());
        return job;
    }

    /** What came out, once everything is over; each problem has ended once, and so has the job. */
    List<String> results(String job) throws SQLException {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .until(() -> api().job(job).path("status").asText().equals("succeeded"));
        assertThat(written("problem|" + job + "/", "problem.ended.1")).isEqualTo(load.problems());
        assertThat(written("job|" + job, "job.problem-ended.1")).isEqualTo(load.problems());
        var results = new ArrayList<String>();
        for (int problem = 1; problem <= load.problems(); problem++) {
            var id = "p" + problem;
            await().atMost(PATIENCE).ignoreExceptions().until(() -> results.add(Invariant.of(api().problem(job, id))));
        }
        return results;
    }

    /** Tokens that the policies of all workers have generated since they started, once none runs anything. */
    long executedTokens() {
        long[] tokens = {0};
        await().atMost(PATIENCE)
                .during(Duration.ofSeconds(1))
                .ignoreExceptions()
                .until(() -> {
                    var policies = Members.workers(api()).stream()
                            .filter(worker -> worker.path("role").asText().equals("policy"))
                            .toList();
                    long before = tokens[0];
                    tokens[0] = policies.stream()
                            .mapToLong(worker ->
                                    worker.path("tokens").path("completion").asLong())
                            .sum();
                    return tokens[0] == before
                            && policies.stream()
                                    .allMatch(worker -> worker.path("running").asInt() == 0);
                });
        return tokens[0];
    }

    // ---- the database

    /** Ends all its connections but the one that says so. */
    void breakDatabaseConnections() throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                    + " and backend_type = 'client backend'");
        }
    }

    /** Halts it, with all its connections, or lets it go on. */
    void signalDatabase(String signal) throws IOException, InterruptedException {
        long postmaster =
                Long.parseLong(Files.readAllLines(folder.resolve("postgres").resolve("postmaster.pid"))
                        .getFirst());
        var words = new ArrayList<>(List.of("kill", "-" + signal, Long.toString(postmaster)));
        ProcessHandle.of(postmaster).orElseThrow().descendants().forEach(each -> words.add(Long.toString(each.pid())));
        new ProcessBuilder(words).inheritIO().start().waitFor();
    }

    private Path databaseLog() {
        return folder.resolve("postgres.log");
    }

    /** What the database has logged, among it each append that was refused. */
    String databaseLogged() throws IOException {
        return Files.readString(databaseLog());
    }

    /** Nothing is written to the journal until this is closed. */
    Connection holdWrites() throws SQLException {
        var connection = postgres.getPostgresDatabase().getConnection();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute("lock table journal in exclusive mode");
        }
        return connection;
    }

    /** As a database does that stops at once: every connection of every coordinator breaks. */
    void killConnections() throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("""
                    select pg_terminate_backend(pid) from pg_stat_activity
                      where backend_type = 'client backend' and pid <> pg_backend_pid()""");
        }
    }

    /** Coordinators that wait for the hold on the journal to end. */
    int writersHeld() throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var query = connection.prepareStatement(
                        "select count(*) from pg_locks where not granted and relation = 'journal'::regclass");
                var rows = query.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    // ---- what the journal says

    private int written(String ids, String manifest) throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var query = connection.prepareStatement(
                        "select count(*) from journal where starts_with(persistence_id, ?) and manifest = ?")) {
            query.setString(1, ids);
            query.setString(2, manifest);
            try (var rows = query.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    /** The events of each problem of a job that has any, in their order. */
    List<List<Written>> events(String job) throws SQLException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var query = connection.prepareStatement("""
                        select persistence_id, written_at, writer from journal where starts_with(persistence_id, ?)
                        order by persistence_id, sequence_number""")) {
            query.setString(1, "problem|" + job + "/");
            var all = new ArrayList<List<Written>>();
            var last = "";
            try (var rows = query.executeQuery()) {
                while (rows.next()) {
                    if (!rows.getString(1).equals(last)) {
                        last = rows.getString(1);
                        all.add(new ArrayList<>());
                    }
                    all.getLast().add(new Written(rows.getLong(2), rows.getString(3)));
                }
            }
            return all;
        }
    }

    /** How many milliseconds, from a moment on, each problem of a job stood still that went on elsewhere. */
    LongStream pauses(String job, long fromMillis) throws SQLException {
        return events(job).stream()
                .flatMapToLong(events -> IntStream.range(1, events.size())
                        .filter(next -> events.get(next).atMillis() > fromMillis
                                && !events.get(next)
                                        .writer()
                                        .equals(events.get(next - 1).writer()))
                        .mapToLong(next -> events.get(next).atMillis()
                                - Math.max(fromMillis, events.get(next - 1).atMillis())));
    }

    /** What a node has logged. */
    String logged(Program.Node node) throws IOException {
        return Files.readString(logs.get(node));
    }
}
