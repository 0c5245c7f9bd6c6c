alter table incidents add column merged_into text;
create index incidents_merged_into on incidents (merged_into);

create table apart (
  fingerprint text primary key,
  actor text not null,
  at bigint not null
);

alter table patterns add column shape text;
