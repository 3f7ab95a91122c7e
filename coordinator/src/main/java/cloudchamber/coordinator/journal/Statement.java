package cloudchamber.coordinator.journal;

/** Every statement that writes, in the order in which those of one group are carried out. */
enum Statement {
    APPEND("""
            insert into journal (persistence_id, sequence_number, written_at, writer, event_manifest, serializer_id,
              manifest, payload, checksum) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"""),
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
