-- How often a shard was taken up at one place without getting on: a record that ends the process is found by it.
create table take_ups (
  stream text not null,
  incarnation text not null,
  shard text not null,
  checkpoint text not null,
  times integer not null,
  suspect text,
  suspected integer not null default 0,
  primary key (stream, incarnation, shard)
);
