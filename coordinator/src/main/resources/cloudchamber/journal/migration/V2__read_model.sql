-- What lists and results are read from. The questions are given once; all else follows from the events, is
-- changed in the transaction that stores them, and can be made again from them.

create table question (
  job      ${text} not null,
  position integer not null,
  problem  ${text} not null,
  prompt   ${text} not null,
  primary key (job, position)
);
create unique index question_by_problem on question (job, problem);

create table job (
  id          ${text} not null primary key,
  status      ${text} not null,
  total       integer not null,
  succeeded   integer not null,
  failed      integer not null,
  cancelled   integer not null,
  method      ${text} not null,
  policy      ${text} not null,
  prm         ${text} not null,
  accepted_at bigint not null,
  changed_at  bigint not null,
  ended_at    bigint
);
create index job_by_age on job (accepted_at, id);
create index job_by_status on job (status);

create table label (
  job   ${text} not null,
  name  ${text} not null,
  value ${text} not null,
  primary key (job, name)
);
create index label_by_value on label (name, value);

create table problem (
  job               ${text} not null,
  problem           ${text} not null,
  attempt           integer not null,
  status            ${text} not null,
  started_at        bigint not null,
  ended_at          bigint,
  failure           ${text},
  answer            ${text},
  log_evidence      double precision,
  rounds            integer,
  policy_calls      bigint,
  prm_calls         bigint,
  prompt_tokens     bigint,
  cached_tokens     bigint,
  completion_tokens bigint,
  prm_tokens        bigint,
  wasted_tokens     bigint,
  primary key (job, problem)
);
create index problem_by_status on problem (job, status);

-- A request with the same key and body within a day is the same request.
create table idempotency_key (
  key        ${text} not null primary key,
  body       ${text} not null,
  job        ${text} not null,
  created_at bigint not null
);

-- Of which version the read model is; one that is older than the program is made again.
create table read_model (
  version integer not null
);
