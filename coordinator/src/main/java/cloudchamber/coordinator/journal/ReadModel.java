package cloudchamber.coordinator.journal;

import cloudchamber.protocol.serial.SerialNameTable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;

/**
 * Lists and results: what the events come to, row by row.
 *
 * <p>[1] A row changes in the transaction that stores the event, so that it is never behind and never counts
 * twice. The first event of a job has its settings, so that no row repeats them.
 */
public final class ReadModel {

    /** A problem that runs though its job was cancelled. */
    public record Orphan(String job, String problem) {}

    /**
     * What is known of an idempotency key.
     *
     * @param body what stands for the body it was first used with
     * @param job the id that was given then
     */
    public record Reservation(String body, String job) {}

    /** How much is accepted and not over. */
    public record Unfinished(long jobs, long problems) {}

    /** An event as the log shows it. */
    public record LoggedEvent(String entity, long number, long atMillis, JournalEvent event) {}

    private static final String JOB_COLUMNS = """
            select job.id, job.status, total, succeeded, failed, cancelled,
              (select count(*) from problem where problem.job = job.id and problem.status = 'running'),
              accepted_at, ended_at,
              serializer_id, manifest, payload, checksum
              from job join journal on persistence_id = 'job|' || job.id and sequence_number = 1""";
    /** A problem that never started has no row. */
    private static final String PROBLEM_STATUS = """
            case when coalesce(problem.status, 'queued') <> 'queued' then problem.status
              when job.status = 'cancelled' then 'cancelled' else 'queued' end""";

    private static final String PROBLEM_COLUMNS = """
            select question.position, question.problem, question.prompt,
            """ + PROBLEM_STATUS + """
            , problem.attempt, problem.started_at, problem.ended_at, problem.failure, problem.answer,
              problem.log_evidence, problem.rounds, problem.policy_calls, problem.prm_calls, problem.prompt_tokens,
              problem.cached_tokens, problem.completion_tokens, problem.prm_tokens, problem.wasted_tokens,
              problem.policy_slot_millis, problem.prm_slot_millis, problem.wasted_slot_millis
              from question join job on job.id = question.job
              left join problem on problem.job = question.job and problem.problem = question.problem""";

    private final Storage storage;
    private final Serialization serialization;
    private final SerialNameTable names;

    private ReadModel(Storage storage, Serialization serialization, SerialNameTable names) {
        this.storage = storage;
        this.serialization = serialization;
        this.names = names;
    }

    /**
     * The one of this node.
     *
     * @throws StorageException if what is kept cannot be opened
     */
    public static ReadModel get(ActorSystem<?> system) {
        return new ReadModel(
                Storage.get(system),
                SerializationExtension.get(system.classicSystem()),
                SerialNameTable.of(
                        system.settings().config(), system.dynamicAccess().classLoader()));
    }

    // ---- questions

    /** Stores problems of a job before it is accepted. */
    public CompletionStage<Void> addQuestions(String job, int from, List<Change.Question> questions) {
        var writes = new ArrayList<Statement.Write>();
        for (int index = 0; index < questions.size(); index++) {
            writes.add(Changes.question(job, from + index, questions.get(index)));
        }
        return storage.writer().write(writes);
    }

    /**
     * Problems of a job in order.
     *
     * @param from the position of the first
     */
    public CompletionStage<List<Change.Question>> questions(String job, int from, int count) {
        return query(
                "select problem, prompt from question where job = ? and position >= ? order by position limit ?",
                List.of(job, from, count),
                row -> new Change.Question(row.getString(1), Changes.prompt(row.getString(2))));
    }

    // ---- jobs

    /** The ids of the jobs that are not over. */
    public CompletionStage<List<String>> unfinishedJobs() {
        return query("select id from job where status in ('queued', 'running')", List.of(), row -> row.getString(1));
    }

    /** The problems that run though their job was cancelled: nobody has told them, or not yet. */
    public CompletionStage<List<Orphan>> orphans() {
        return query("""
                select problem.job, problem.problem from problem join job on job.id = problem.job
                  where problem.status = 'running' and job.status = 'cancelled'""", List.of(), row -> new Orphan(row.getString(1), row.getString(2)));
    }

    /** What is accepted and not over. */
    public CompletionStage<Unfinished> unfinished() {
        return query("""
                        select count(*), coalesce(sum(total - succeeded - failed - cancelled), 0) from job
                          where status in ('queued', 'running')""", List.of(), row -> new Unfinished(row.getLong(1), row.getLong(2)))
                .thenApply(List::getFirst);
    }

    public CompletionStage<Optional<JobRow>> job(String id) {
        return storage.read(connection -> jobs(connection, JOB_COLUMNS + " where job.id = ?", List.of(id)).stream()
                .findFirst());
    }

    /**
     * Jobs, newest first.
     *
     * @param after the id of the job before them; empty for the newest
     * @param count at most so many
     */
    public CompletionStage<List<JobRow>> jobs(JobFilter filter, Optional<String> after, int count) {
        var sql = new StringBuilder(JOB_COLUMNS).append(" where true");
        var values = new ArrayList<>();
        filter.tenant().ifPresent(tenant -> equal(sql, values, "job.tenant", tenant));
        filter.status().ifPresent(status -> equal(sql, values, "job.status", status));
        filter.method().ifPresent(method -> equal(sql, values, "job.method", method));
        filter.policy().ifPresent(policy -> equal(sql, values, "job.policy", policy));
        filter.prm().ifPresent(prm -> equal(sql, values, "job.prm", prm));
        filter.labels().forEach((name, value) -> {
            sql.append(" and exists (select 1 from label where label.job = job.id and name = ? and value = ?)");
            values.add(name);
            values.add(value);
        });
        after.ifPresent(id -> {
            sql.append(" and (job.accepted_at, job.id) < (select accepted_at, id from job where id = ?");
            values.add(id);
            filter.tenant().ifPresent(tenant -> equal(sql, values, "tenant", tenant));
            sql.append(')');
        });
        sql.append(" order by job.accepted_at desc, job.id desc limit ?");
        values.add(count);
        return storage.read(connection -> jobs(connection, sql.toString(), values));
    }

    private static void equal(StringBuilder sql, List<Object> values, String column, String value) {
        sql.append(" and ").append(column).append(" = ?");
        values.add(value);
    }

    private List<JobRow> jobs(Connection connection, String sql, List<?> values) throws SQLException {
        var found = Sql.rows(
                connection,
                sql,
                values,
                row -> new JobRow(
                        row.getString(1),
                        row.getString(2),
                        row.getInt(3),
                        row.getInt(4),
                        row.getInt(5),
                        row.getInt(6),
                        row.getInt(7),
                        row.getLong(8),
                        Sql.whole(row, 9),
                        Map.of(),
                        (JournalEvent) new Stored(row.getInt(10), row.getString(11), row.getBytes(12), row.getLong(13))
                                .read(serialization, "job " + row.getString(1))));
        var labelled = new ArrayList<JobRow>();
        for (var job : found) {
            labelled.add(new JobRow(
                    job.id(),
                    job.status(),
                    job.total(),
                    job.succeeded(),
                    job.failed(),
                    job.cancelled(),
                    job.running(),
                    job.acceptedAtMillis(),
                    job.endedAtMillis(),
                    labels(connection, job.id()),
                    job.first()));
        }
        return labelled;
    }

    private static Map<String, String> labels(Connection connection, String job) throws SQLException {
        var labels = new HashMap<String, String>();
        Sql.rows(
                connection,
                "select name, value from label where job = ?",
                List.of(job),
                row -> labels.put(row.getString(1), row.getString(2)));
        return labels;
    }

    /** What all problems of a job took that are over. */
    public CompletionStage<Change.Result> total(String job) {
        return query("""
                        select null, null, coalesce(sum(rounds), 0), coalesce(sum(policy_calls), 0),
                          coalesce(sum(prm_calls), 0), coalesce(sum(prompt_tokens), 0),
                          coalesce(sum(cached_tokens), 0), coalesce(sum(completion_tokens), 0),
                          coalesce(sum(prm_tokens), 0), coalesce(sum(wasted_tokens), 0),
                          coalesce(sum(policy_slot_millis), 0), coalesce(sum(prm_slot_millis), 0),
                          coalesce(sum(wasted_slot_millis), 0) from problem where job = ?""", List.of(job), row -> result(row, 1)).thenApply(List::getFirst);
    }

    // ---- problems

    public CompletionStage<Optional<ProblemRow>> problem(String job, String problem) {
        return query(
                        PROBLEM_COLUMNS + " where question.job = ? and question.problem = ?",
                        List.of(job, problem),
                        ReadModel::problem)
                .thenApply(rows -> rows.stream().findFirst());
    }

    /**
     * Problems of a job in order.
     *
     * @param status in lower case; empty for any
     * @param from the least position
     */
    public CompletionStage<List<ProblemRow>> problems(String job, Optional<String> status, int from, int count) {
        var values = new ArrayList<Object>(List.of(job, from));
        status.ifPresent(values::add);
        values.add(count);
        return query(
                PROBLEM_COLUMNS
                        + " where question.job = ? and question.position >= ?"
                        + (status.isPresent() ? " and " + PROBLEM_STATUS + " = ?" : "")
                        + " order by question.position limit ?",
                values,
                ReadModel::problem);
    }

    private static ProblemRow problem(ResultSet row) throws SQLException {
        row.getInt(11);
        boolean ended = !row.wasNull();
        return new ProblemRow(
                row.getInt(1),
                row.getString(2),
                Changes.prompt(row.getString(3)),
                row.getString(4),
                row.getInt(5),
                Sql.whole(row, 6),
                Sql.whole(row, 7),
                row.getString(8),
                ended ? result(row, 9) : null);
    }

    private static Change.Result result(ResultSet row, int from) throws SQLException {
        double logEvidence = row.getDouble(from + 1);
        return new Change.Result(
                row.getString(from),
                row.wasNull() ? null : logEvidence,
                row.getInt(from + 2),
                row.getLong(from + 3),
                row.getLong(from + 4),
                row.getLong(from + 5),
                row.getLong(from + 6),
                row.getLong(from + 7),
                row.getLong(from + 8),
                row.getLong(from + 9),
                row.getLong(from + 10),
                row.getLong(from + 11),
                row.getLong(from + 12));
    }

    // ---- what can go

    /**
     * A job that is over.
     *
     * @param bytes its events and problems take, about
     */
    public record EndedJob(String job, long endedAtMillis, int problems, long bytes) {}

    /**
     * Jobs that are over, the longest ended first.
     *
     * @param endedBeforeMillis they ended before
     * @param after the one before them; empty for the first
     * @param count at most so many
     */
    public CompletionStage<List<EndedJob>> endedJobs(long endedBeforeMillis, Optional<EndedJob> after, int count) {
        return query(
                """
                select id, ended_at, total,
                  (select coalesce(sum(length(payload)), 0) from journal where persistence_id = 'job|' || job.id)
                  + (select coalesce(sum(length(payload)), 0) from journal
                      where persistence_id > 'problem|' || job.id || '/' and persistence_id < 'problem|' || job.id || '0')
                  + (select coalesce(sum(length(prompt)), 0) from question where question.job = job.id)
                  from job where ended_at < ? and (ended_at, id) > (?, ?) order by ended_at, id limit ?""",
                List.of(
                        endedBeforeMillis,
                        after.map(EndedJob::endedAtMillis).orElse(-1L),
                        after.map(EndedJob::job).orElse(""),
                        count),
                row -> new EndedJob(row.getString(1), row.getLong(2), row.getInt(3), row.getLong(4)));
    }

    public CompletionStage<DiskUse> diskUse() {
        return storage.read(storage::diskUse);
    }

    /** Gives what holds nothing back to the disk; PostgreSQL does that by itself. */
    public CompletionStage<Void> compact() {
        return storage.compact();
    }

    // ---- events

    /**
     * The ids of all entities of a kind that have events.
     *
     * @param kind what stands before the bar in their persistence ids
     */
    public CompletionStage<List<String>> entities(String kind) {
        return query(
                "select distinct persistence_id from journal where persistence_id > ? and persistence_id < ?",
                List.of(kind + "|", kind + "}"),
                row -> row.getString(1).substring(kind.length() + 1));
    }

    /**
     * The ids of the entities of a kind whose newest event is not of one type.
     *
     * @param kind what stands before the bar in their persistence ids
     */
    public CompletionStage<List<String>> entitiesBefore(String kind, Class<? extends JournalEvent> end) {
        var ends = names.of(end).names();
        var values = new ArrayList<>(List.of(kind + "|", kind + "}"));
        values.addAll(ends);
        return query(
                """
                select persistence_id from journal as newest
                  where persistence_id > ? and persistence_id < ? and sequence_number =
                    (select max(sequence_number) from journal where persistence_id = newest.persistence_id)
                  and manifest not in\s""" + ends.stream().map(each -> "?").collect(Collectors.joining(", ", "(", ")")),
                values,
                row -> row.getString(1).substring(kind.length() + 1));
    }

    /**
     * The events of an entity in order.
     *
     * @param kind what stands before the bar in its persistence id
     * @param after the number of the event before them; 0 for the first
     */
    public CompletionStage<List<LoggedEvent>> events(String kind, String entity, long after, int count) {
        return query(
                """
                select sequence_number, written_at, serializer_id, manifest, payload, checksum from journal
                  where persistence_id = ? and sequence_number > ? order by sequence_number limit ?""",
                List.of(kind + "|" + entity, after, count),
                row -> new LoggedEvent(entity, row.getLong(1), row.getLong(2), (JournalEvent)
                        new Stored(row.getInt(3), row.getString(4), row.getBytes(5), row.getLong(6))
                                .read(serialization, entity + " " + row.getLong(1))));
    }

    // ---- idempotency

    /**
     * Gives a key to a job, unless it was given before.
     *
     * @param body what stands for the request's body
     * @param forgetBeforeMillis keys that are older are forgotten
     * @return what the key stands for now
     */
    public CompletionStage<Reservation> reserve(
            String key, String body, String job, long nowMillis, long forgetBeforeMillis) {
        return storage.writer().alone(connection -> {
            Sql.update(connection, "delete from idempotency_key where created_at < ?", List.of(forgetBeforeMillis));
            Sql.update(
                    connection,
                    "insert into idempotency_key (key, body, job, created_at) values (?, ?, ?, ?) on conflict do nothing",
                    List.of(key, body, job, nowMillis));
            return Sql.rows(
                            connection,
                            "select body, job from idempotency_key where key = ?",
                            List.of(key),
                            row -> new Reservation(row.getString(1), row.getString(2)))
                    .getFirst();
        });
    }

    // ---- small change

    private <T> CompletionStage<List<T>> query(String sql, List<?> values, Sql.Row<T> as) {
        return storage.read(connection -> Sql.rows(connection, sql, values, as));
    }
}
