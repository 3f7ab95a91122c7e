-- For how long requests held the slots of workers; of problems that ended before, nothing is known.

alter table problem add column policy_slot_millis bigint;
alter table problem add column prm_slot_millis bigint;
alter table problem add column wasted_slot_millis bigint;
