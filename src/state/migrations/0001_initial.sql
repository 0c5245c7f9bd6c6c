create table incidents (
  id text primary key,
  fingerprint text not null unique,
  service text not null,
  title text not null,
  template text not null,
  basis text not null,
  explanation text not null,
  exception text,
  severity text not null,
  severity_reasons text not null,
  state text not null,
  count bigint not null,
  first_seen bigint not null,
  last_seen bigint not null,
  opened_at bigint not null,
  namespaces text not null,
  pods text not null,
  versions text not null,
  trace_ids text not null,
  muted_until bigint,
  acknowledged_by text,
  resolved_by text,
  state_changed_at bigint not null,
  regressions integer not null
);
create index incidents_last_seen on incidents (last_seen);
create index incidents_state on incidents (state, last_seen);

create table aliases (
  fingerprint text primary key,
  incident_fingerprint text not null
);

create table incident_buckets (
  incident_id text not null,
  minute bigint not null,
  count bigint not null,
  primary key (incident_id, minute)
);

create table samples (
  incident_id text not null,
  record_id text not null,
  at bigint not null,
  record text not null,
  primary key (incident_id, record_id)
);

create table events_seen (
  id text primary key,
  position text not null,
  seen_at bigint not null
);
create index events_seen_seen_at on events_seen (seen_at);

create table outbox (
  incident_id text primary key,
  wanted bigint not null,
  done bigint not null,
  not_before bigint not null,
  lease_until bigint not null,
  attempt integer not null,
  wanted_at bigint not null,
  line_at bigint not null,
  fault text
);
create index outbox_due on outbox (not_before);

create table notifications (
  incident_id text primary key,
  channel text,
  ts text,
  thread_ts text,
  shown text,
  thread_shown text,
  broadcasts integer not null,
  first_attempt_at bigint,
  posted_at bigint
);

create table reports (
  incident_id text not null,
  language text not null,
  source text not null,
  report text not null,
  written_at bigint not null,
  primary key (incident_id, language, source)
);

create table checkpoints (
  stream text not null,
  incarnation text not null,
  shard text not null,
  sequence text not null,
  primary key (stream, incarnation, shard)
);

create table ledger (
  stage text not null,
  outcome text not null,
  reason text not null,
  count bigint not null,
  primary key (stage, outcome, reason)
);

create table rules (
  position integer primary key,
  rule text not null
);

create table quarantine (
  id text primary key,
  at bigint not null,
  reason text not null,
  detail text not null,
  position text not null,
  preview text not null,
  object_key text not null,
  bytes bigint not null
);
create index quarantine_at on quarantine (at);

create table changes (
  service text not null,
  version text not null,
  previous text,
  at bigint not null,
  primary key (service, version)
);

create table patterns (
  fingerprint text primary key,
  service text not null,
  severity text not null,
  template text not null,
  count bigint not null,
  first_seen bigint not null,
  last_seen bigint not null
);

create table feedback (
  incident_id text not null,
  hypothesis text not null,
  verdict text not null,
  note text,
  actor text not null,
  at bigint not null,
  primary key (incident_id, hypothesis, actor)
);

create table audit (
  at bigint not null,
  actor text not null,
  action text not null,
  target text not null,
  detail text not null
);
create index audit_at on audit (at);

create table knowledge_documents (
  id text not null,
  language text not null,
  title text not null,
  source text not null,
  content text not null,
  updated_at bigint not null,
  primary key (id, language)
);

create table embeddings (
  text_hash text not null,
  model text not null,
  vector blob not null,
  primary key (text_hash, model)
);

create table model_usage (
  at bigint not null,
  model text not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  outcome text not null
);

create table settings (
  key text primary key,
  value text not null
);
