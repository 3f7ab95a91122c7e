-- The coordinators that share this database, and the two leases that only one node holds at a time. Times are of the
-- database's clock, in milliseconds.

create table coordinator (
  -- HOST:PORT#UID, one life of a node.
  node    ${text} not null primary key,
  -- Of the cluster it is a member of; 0 if it is a member of none.
  epoch   bigint not null,
  seen_at bigint not null,
  -- 1 if the surviving side of a partition declared it down.
  down    integer not null,
  version ${text} not null
);

create table lease (
  name   ${text} not null primary key,
  -- Of the founder's lease: the newest cluster on this database.
  epoch  bigint not null,
  holder ${text},
  until  bigint
);
insert into lease (name, epoch) values ('founder', 0);
insert into lease (name, epoch) values ('survivor', 0);
