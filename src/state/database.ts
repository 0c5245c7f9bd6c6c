/** The tables, as queries see them. JSON columns hold text; times are Unix milliseconds. */
import { readdirSync, readFileSync } from 'node:fs'
import { type Kysely, sql } from 'kysely'
import { CaliError } from '../platform/error.ts'
import { hasManyWriters, lockMigrations } from './concurrency.ts'

export interface Database {
  incidents: IncidentRow
  aliases: { fingerprint: string; incident_fingerprint: string }
  incident_buckets: { incident_id: string; minute: number; count: number }
  samples: { incident_id: string; record_id: string; at: number; record: string }
  events_seen: { id: string; position: string; seen_at: number }
  outbox: {
    incident_id: string
    wanted: number
    done: number
    not_before: number
    lease_until: number
    attempt: number
    /** Number of the last claim: whoever holds an older one has lost it. */
    claim: number
    claimed_by: string
    turn: number
    wanted_at: number
    line_at: number
    fault: string | null
    sweep_at: number | null
  }
  notifications: {
    incident_id: string
    channel: string | null
    ts: string | null
    thread_ts: string | null
    shown: string | null
    thread_shown: string | null
    broadcasts: number
    first_attempt_at: number | null
    posted_at: number | null
  }
  reports: { incident_id: string; language: string; source: string; report: string; written_at: number }
  checkpoints: { stream: string; incarnation: string; shard: string; sequence: string }
  ledger: { stage: string; outcome: string; reason: string; count: number }
  rules: { position: number; rule: string }
  quarantine: {
    id: string
    at: number
    reason: string
    detail: string
    position: string
    preview: string
    object_key: string
    bytes: number
  }
  index_debt: {
    object_key: string
    records: number
    arrived_at: number
    noted_at: number
    lease_until: number
    fault: string | null
  }
  changes: { service: string; version: string; previous: string | null; at: number }
  patterns: {
    fingerprint: string
    service: string
    severity: string
    template: string
    count: number
    first_seen: number
    last_seen: number
    shape: string | null
    /** When it was written first, by the clock of the writer. */
    added_at: number
  }
  apart: { fingerprint: string; actor: string; at: number }
  take_ups: {
    stream: string
    incarnation: string
    shard: string
    checkpoint: string
    times: number
    suspect: string | null
    /** How many readers in a row have begun to read it alone. */
    suspected: number
  }
  heard: { kind: string; name: string; last_at: number }
  feedback: { incident_id: string; hypothesis: string; verdict: string; note: string | null; actor: string; at: number }
  audit: { at: number; actor: string; action: string; target: string; detail: string }
  knowledge_documents: {
    id: string
    language: string
    title: string
    source: string
    content: string
    updated_at: number
  }
  embeddings: { text_hash: string; model: string; vector: Uint8Array }
  model_usage: { at: number; model: string; input_tokens: number; output_tokens: number; outcome: string }
  settings: { key: string; value: string }
  migrations: { id: string; applied_at: number }
}

export interface IncidentRow {
  id: string
  fingerprint: string
  service: string
  title: string
  template: string
  basis: string
  explanation: string
  exception: string | null
  severity: string
  severity_reasons: string
  state: string
  count: number
  first_seen: number
  last_seen: number
  opened_at: number
  namespaces: string
  pods: string
  versions: string
  trace_ids: string
  muted_until: number | null
  merged_into: string | null
  folded_under: string | null
  fold_reason: string | null
  downstream: string | null
  callees: string
  acknowledged_by: string | null
  resolved_by: string | null
  state_changed_at: number
  regressions: number
  spikes: number
  spiked_at: number | null
}

const FOLDER = new URL('./migrations/', import.meta.url)

const migrationFiles = (): string[] =>
  readdirSync(FOLDER)
    .filter((name) => /^\d{4}_\w+\.sql$/.test(name))
    .sort()

/** What `migrate` would apply; changes nothing. */
export async function pendingMigrations(db: Kysely<Database>): Promise<readonly string[]> {
  const tables = await db.introspection.getTables()
  if (!tables.some(({ name }) => name === 'migrations')) return migrationFiles()
  const done = new Set((await db.selectFrom('migrations').select('id').execute()).map((row) => row.id))
  return migrationFiles().filter((name) => !done.has(name))
}

/** Brings the tables up to date: numbered SQL files, each once, forward only, under the write lock. */
export async function migrate(db: Kysely<Database>, now: number): Promise<readonly string[]> {
  const files = migrationFiles()
  // The one word in which the two differ.
  const inDialect = (statement: string): string =>
    hasManyWriters(db) ? statement.replace(/\bblob\b/g, 'bytea') : statement
  return db.transaction().execute(async (trx) => {
    await lockMigrations(trx)
    await sql`create table if not exists migrations (id text primary key, applied_at bigint not null)`.execute(trx)
    const done = new Set((await trx.selectFrom('migrations').select('id').execute()).map((row) => row.id))
    const unknown = [...done].filter((id) => !files.includes(id)).sort()
    if (unknown.length > 0)
      throw new CaliError(
        'state_newer',
        `the state was written by a newer CALI (it has ${unknown.at(-1)}, which this one does not know): start that version, or a state of its own`,
      )
    const applied: string[] = []
    for (const file of files.filter((name) => !done.has(name))) {
      for (const statement of readFileSync(new URL(file, FOLDER), 'utf8').split(/;\s*(?:\r?\n|$)/)) {
        if (statement.trim() !== '') await sql.raw(inDialect(statement)).execute(trx)
      }
      await trx.insertInto('migrations').values({ id: file, applied_at: now }).execute()
      applied.push(file)
    }
    return applied
  })
}
