-- Rows that nobody reads: a node writes one to find out whether the database can be written to.

create table write_probe (
  id      integer not null primary key,
  payload ${bytes} not null
);
