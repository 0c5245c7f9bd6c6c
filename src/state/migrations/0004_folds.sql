alter table incidents add column folded_under text;
alter table incidents add column fold_reason text;
alter table incidents add column downstream text;
create index incidents_folded_under on incidents (folded_under);
create index incidents_first_seen on incidents (first_seen);
