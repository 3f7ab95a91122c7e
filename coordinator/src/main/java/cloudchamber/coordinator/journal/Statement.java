package cloudchamber.coordinator.journal;

/** Every statement that writes, in the order in which those of one group are carried out. */
enum Statement {
    APPEND("""
            insert into journal (persistence_id, sequence_number, written_at, writer, event_manifest, serializer_id,
              manifest, payload, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"""),
    ADD_QUESTION("insert into question (job, position, problem, prompt) values (?, ?, ?, ?) on conflict do nothing"),
    ADD_JOB("""
            insert into job (id, tenant, status, total, succeeded, failed, cancelled, method, policy, prm, accepted_at,
              changed_at)
              values (?, ?, 'queued', ?, 0, 0, 0, ?, ?, ?, ?, ?) on conflict do nothing"""),
    ADD_LABEL("insert into label (job, name, value) values (?, ?, ?) on conflict do nothing"),
    START_PROBLEM("""
            insert into problem (job, problem, attempt, status, started_at) values (?, ?, ?, 'running', ?)
            on conflict (job, problem) do update set attempt = excluded.attempt, status = excluded.status,
              started_at = excluded.started_at, ended_at = null, failure = null
              where excluded.attempt > problem.attempt"""),
    START_JOB("update job set status = 'running', changed_at = ? where id = ? and status = 'queued'"),
    END_PROBLEM("""
            update problem set status = ?, ended_at = ?, failure = ?, answer = ?, log_evidence = ?, rounds = ?,
              policy_calls = ?, prm_calls = ?, prompt_tokens = ?, cached_tokens = ?, completion_tokens = ?,
              prm_tokens = ?, wasted_tokens = ?, policy_slot_millis = ?, prm_slot_millis = ?, wasted_slot_millis = ?
              where job = ? and problem = ?"""),
    COUNT_PROBLEM("""
            update job set succeeded = succeeded + ?, failed = failed + ?, cancelled = cancelled + ?, changed_at = ?,
              status = case when succeeded + failed + cancelled + 1 < total then 'running'
                when failed + ? > 0 then 'failed' else 'succeeded' end,
              ended_at = case when succeeded + failed + cancelled + 1 < total then null else ? end
              where id = ? and status <> 'cancelled'"""),
    CANCEL_JOB("""
            update job set status = 'cancelled', cancelled = total - succeeded - failed, changed_at = ?, ended_at = ?
              where id = ?"""),
    RETRY_JOB("update job set status = 'running', failed = 0, changed_at = ?, ended_at = null where id = ?"),
    RETRY_PROBLEMS("update problem set status = 'queued' where job = ? and status = 'failed'"),
    DELETE_QUESTIONS("delete from question where job = ?"),
    DELETE_LABELS("delete from label where job = ?"),
    DELETE_PROBLEMS("delete from problem where job = ?"),
    DELETE_JOB("delete from job where id = ?"),
    DELETE_EVENTS_OF("delete from journal where persistence_id between ? and ?"),
    /** All but the last, which says that the others are gone. */
    DELETE_EARLIER_EVENTS("""
            delete from journal where persistence_id = ?
              and sequence_number < (select max(last.sequence_number) from journal last where last.persistence_id = ?)"""),
    /** Before the rows go: a sequence number is never given twice. */
    MARK_DELETED("""
            insert into journal_deletion (persistence_id, deleted_to)
              select persistence_id, max(sequence_number) from journal
                where persistence_id = ? and sequence_number <= ? group by persistence_id
            on conflict (persistence_id) do update set deleted_to =
              case when excluded.deleted_to > journal_deletion.deleted_to
                then excluded.deleted_to else journal_deletion.deleted_to end"""),
    DELETE_EVENTS("delete from journal where persistence_id = ? and sequence_number <= ?"),
    SAVE_SNAPSHOT("""
            insert into snapshot (persistence_id, sequence_number, written_at, serializer_id, manifest, payload, checksum)
              values (?, ?, ?, ?, ?, ?, ?)
            on conflict (persistence_id, sequence_number) do update set written_at = excluded.written_at,
              serializer_id = excluded.serializer_id, manifest = excluded.manifest, payload = excluded.payload,
              checksum = excluded.checksum"""),
    PROBE("""
            insert into write_probe (id, payload) values (?, ?)
            on conflict (id) do update set payload = excluded.payload"""),
    ADD_KEY("""
            insert into api_key (id, hash, name, role, tenant, created_at, expires_at, revoked_at)
              values (?, ?, ?, ?, ?, ?, ?, ?)"""),
    DELETE_OLD_SESSIONS("delete from session where expires_at <= ?"),
    ADD_SESSION("insert into session (hash, api_key, expires_at) values (?, ?, ?)"),
    DELETE_SESSION("delete from session where hash = ?"),
    ADD_AUDIT("""
            insert into audit (at, request, api_key, tenant, role, action, object, status)
              values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing"""),
    DELETE_OLD_AUDIT("delete from audit where at < ?"),
    DELETE_SNAPSHOTS("""
            delete from snapshot where persistence_id = ? and sequence_number between ? and ?
              and written_at between ? and ?""");

    private final String sql;

    Statement(String sql) {
        this.sql = sql;
    }

    String sql() {
        return sql;
    }

    /** One use of the statement. */
    Write with(Object... values) {
        return new Write(this, values);
    }

    /** A statement with its values in order. */
    record Write(Statement statement, Object[] values) {}
}
