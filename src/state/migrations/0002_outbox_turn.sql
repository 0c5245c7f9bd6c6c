alter table outbox add column turn bigint not null default 0;
create index outbox_turn on outbox (turn);
