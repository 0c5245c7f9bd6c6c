alter table incidents add column spikes integer not null default 0;
alter table incidents add column spiked_at bigint;
