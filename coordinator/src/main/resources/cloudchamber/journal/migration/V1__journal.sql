-- What happened, and what is kept of it. ${text} compares byte by byte, so that ranges of ids mean the same
-- in every database; ${bytes} is the database's own type.

create table journal (
  persistence_id  ${text} not null,
  sequence_number bigint not null,
  written_at      bigint not null,
  writer          ${text} not null,
  event_manifest  ${text} not null,
  serializer_id   integer not null,
  manifest        ${text} not null,
  payload         ${bytes} not null,
  checksum        bigint not null,
  -- The fence: of two writers that think they are the only one, the second is refused.
  primary key (persistence_id, sequence_number)
);

create table journal_deletion (
  persistence_id ${text} not null primary key,
  deleted_to     bigint not null
);

create table snapshot (
  persistence_id  ${text} not null,
  sequence_number bigint not null,
  written_at      bigint not null,
  serializer_id   integer not null,
  manifest        ${text} not null,
  payload         ${bytes} not null,
  checksum        bigint not null,
  primary key (persistence_id, sequence_number)
);
