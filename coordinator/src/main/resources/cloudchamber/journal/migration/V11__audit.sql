-- Who did what to which object, when, and with what outcome. No body and no text of a prompt.

create table audit (
  at      bigint not null,
  request ${text} not null,
  api_key ${text} not null,
  tenant  ${text} not null,
  role    ${text} not null,
  action  ${text} not null,
  object  ${text} not null,
  status  integer not null,
  primary key (at, request)
);
