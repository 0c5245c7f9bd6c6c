create table index_debt (
  object_key text primary key,
  records bigint not null,
  arrived_at bigint not null,
  noted_at bigint not null,
  lease_until bigint not null,
  fault text
);
create index index_debt_arrived on index_debt (arrived_at);
