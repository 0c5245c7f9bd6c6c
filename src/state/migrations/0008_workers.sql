-- Several workers on one state: a claim has a number of its own, and what one learned the others read.
alter table outbox add column claim bigint not null default 0;
alter table outbox add column claimed_by text not null default '';
alter table outbox add column sweep_at bigint;
create index outbox_sweep_at on outbox (sweep_at);
alter table patterns add column added_at bigint not null default 0;
create index patterns_added_at on patterns (added_at);

-- When any worker last heard of a service, node or source: one that lost its shards is not a silence.
create table heard (
  kind text not null,
  name text not null,
  last_at bigint not null,
  primary key (kind, name)
);
