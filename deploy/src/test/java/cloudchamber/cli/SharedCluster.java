package cloudchamber.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import cloudchamber.client.ApiClient;
import cloudchamber.models.Simulated;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** Coordinators that share PostgreSQL and workers with simulated models, each in a process of its own. */
final class SharedCluster implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);

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

    private final Path folder;
    private final Load load;
    private final String model;
    private final EmbeddedPostgres postgres;
    final List<Program.Node> coordinators = new ArrayList<>();
    final List<Program.Node> workers = new ArrayList<>();
    private int started;

    private SharedCluster(Path folder, Load load) throws IOException {
        this.folder = folder;
        this.load = load;
        var language = folder.resolve("hmm.json");
        Files.writeString(language, """
                {"kind": "hmm", "initial": [0.6, 0.4], "transition": [[0.7, 0.3], [0.2, 0.8]],
                 "reward": [0.9, 0.2], "steps": %d}""".formatted(load.steps()));
        this.model = Simulated.PREFIX + language + "?mean-millis=" + load.millis() + "&cv=0";
        this.postgres = EmbeddedPostgres.builder()
                .setOutputRedirector(
                        ProcessBuilder.Redirect.appendTo(databaseLog().toFile()))
                .setErrorRedirector(
                        ProcessBuilder.Redirect.appendTo(databaseLog().toFile()))
                .start();
    }

    /** The first coordinator is the oldest, so that it has the shards' coordinator and the singletons. */
    static SharedCluster start(Path folder, int coordinators, int workers, Load load) throws IOException {
        var cluster = new SharedCluster(folder, load);
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
        var database = postgres.getJdbcUrl("postgres", "postgres");
        return start(coordinators, "--role", "coordinator", "--http-port", "0", "--database", database);
    }

    Program.Node startWorker() {
        return start(workers, "--role", "policy", "--role", "prm", "--policy", model, "--prm", model);
    }

    private Program.Node start(List<Program.Node> among, String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        coordinators.forEach(coordinator -> all.addAll(List.of("--join", coordinator.address())));
        var node = Program.Node.start(folder.resolve("node-" + ++started + ".log"), all);
        among.add(node);
        return node;
    }

    /** Through the youngest coordinator. */
    ApiClient api() {
        return new ApiClient(coordinators.getLast().url());
    }

    /** Waits until all members are up, the lost are gone, and every coordinator knows every worker. */
    void awaitMembers() {
        for (var coordinator : coordinators) {
            var api = new ApiClient(coordinator.url());
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
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
}
