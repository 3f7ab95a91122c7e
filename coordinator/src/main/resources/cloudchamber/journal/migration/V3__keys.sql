-- Who may ask for what, and whose jobs are whose. Of a key and of a session only a hash is kept.

create table api_key (
  id         ${text} not null primary key,
  hash       ${text} not null unique,
  name       ${text} not null,
  role       ${text} not null,
  tenant     ${text} not null,
  created_at bigint not null,
  expires_at bigint,
  revoked_at bigint
);

create table session (
  hash       ${text} not null primary key,
  api_key    ${text} not null,
  expires_at bigint not null
);

-- Jobs from before there were keys are the default tenant's.
alter table job add column tenant ${text} not null default 'default';
create index job_by_tenant on job (tenant, accepted_at, id);

-- What tenants have used is summed over the last minute.
create index problem_by_end on problem (ended_at);
