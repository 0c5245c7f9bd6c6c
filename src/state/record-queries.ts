/** The smaller tables: rules, quarantine, changes, reports, feedback, audit, patterns, settings, embeddings, usage. */
import type { Kysely } from 'kysely'
import type { Change, Report, UiLanguage } from '../pipeline/incident.ts'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import type { ReportStore } from '../pipeline/store.ts'
import type { Database } from './database.ts'

export interface QuarantineEntry {
  readonly id: string
  readonly at: number
  readonly reason: string
  readonly detail: string
  readonly position: string
  /** First part of the data, redacted. */
  readonly preview: string
  /** Where all of its bytes are kept. */
  readonly objectKey: string
  readonly bytes: number
}

export interface RuleStore {
  /** The saved rules in order; undefined when nobody has changed them. */
  load(): Promise<readonly unknown[] | undefined>
  save(rules: readonly unknown[], actor: string, at: number): Promise<void>
}

export function createRuleQueries(db: Kysely<Database>): RuleStore {
  return {
    load: async () => {
      const rows = await db.selectFrom('rules').select('rule').orderBy('position').execute()
      return rows.length === 0 ? undefined : rows.map((row) => JSON.parse(row.rule))
    },
    save: (rules, actor, at) =>
      db.transaction().execute(async (trx) => {
        await trx.deleteFrom('rules').execute()
        await trx
          .insertInto('rules')
          .values(rules.map((rule, position) => ({ position, rule: JSON.stringify(rule) })))
          .execute()
        await trx
          .insertInto('audit')
          .values({ at, actor, action: 'rules.save', target: 'rules', detail: JSON.stringify(rules) })
          .execute()
      }),
  }
}

export interface QuarantineStore {
  add(entry: QuarantineEntry): Promise<void>
  list(limit: number): Promise<readonly QuarantineEntry[]>
}

export function createQuarantineQueries(db: Kysely<Database>): QuarantineStore {
  return {
    add: async ({ objectKey, ...entry }) => {
      await db
        .insertInto('quarantine')
        .values({ ...entry, object_key: objectKey })
        .onConflict((oc) => oc.column('id').doNothing())
        .execute()
    },
    list: async (limit) => {
      const rows = await db.selectFrom('quarantine').selectAll().orderBy('at', 'desc').limit(limit).execute()
      return rows.map(({ object_key, ...row }) => ({
        ...row,
        at: Number(row.at),
        bytes: Number(row.bytes),
        objectKey: object_key,
      }))
    },
  }
}

export interface ChangeStore {
  /** Remembers that `service` runs `version` since `at`; true when the service is known with another version: a deploy. */
  record(service: string, version: string, previous: string | undefined, at: number): Promise<void>
  /** Deploys, newest first: a version that followed another. */
  deploys(from: number, to: number): Promise<readonly Omit<Change, 'id'>[]>
  versions(): Promise<ReadonlyMap<string, string>>
}

export function createChangeQueries(db: Kysely<Database>): ChangeStore {
  return {
    record: async (service, version, previous, at) => {
      await db
        .insertInto('changes')
        .values({ service, version, previous: previous ?? null, at })
        .onConflict((oc) => oc.columns(['service', 'version']).doNothing())
        .execute()
    },
    deploys: async (from, to) => {
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('previous', 'is not', null)
        .where('at', '>=', from)
        .where('at', '<=', to)
        .orderBy('at', 'desc')
        .limit(200)
        .execute()
      return rows.map((row) => ({
        service: row.service,
        at: Number(row.at),
        to: row.version,
        ...(row.previous === null ? {} : { from: row.previous }),
      }))
    },
    versions: async () => {
      const rows = await db.selectFrom('changes').select(['service', 'version']).orderBy('at').execute()
      return new Map(rows.map((row) => [row.service, row.version]))
    },
  }
}

export function createReportQueries(db: Kysely<Database>): ReportStore {
  return {
    save: async (incident, report) => {
      const row = {
        incident_id: incident,
        language: report.language,
        source: report.source,
        report: JSON.stringify(report),
        written_at: report.writtenAt,
      }
      await db
        .insertInto('reports')
        .values(row)
        .onConflict((oc) =>
          oc
            .columns(['incident_id', 'language', 'source'])
            .doUpdateSet({ report: row.report, written_at: row.written_at }),
        )
        .execute()
    },
    best: async (incident, language: UiLanguage) => {
      const rows = await db
        .selectFrom('reports')
        .select(['source', 'report'])
        .where('incident_id', '=', incident)
        .where('language', '=', language)
        .execute()
      const row = rows.find((candidate) => candidate.source === 'model') ?? rows[0]
      return row === undefined ? undefined : (JSON.parse(row.report) as Report)
    },
  }
}

export interface FeedbackStore {
  add(entry: {
    incident: string
    hypothesis: string
    verdict: 'helpful' | 'wrong'
    note?: string
    actor: string
    at: number
  }): Promise<void>
  of(
    incident: string,
  ): Promise<readonly { hypothesis: string; verdict: string; note: string | null; actor: string; at: number }[]>
}

export function createFeedbackQueries(db: Kysely<Database>): FeedbackStore {
  return {
    add: async ({ incident, note, ...entry }) => {
      const row = { incident_id: incident, note: note ?? null, ...entry }
      await db
        .insertInto('feedback')
        .values(row)
        .onConflict((oc) =>
          oc
            .columns(['incident_id', 'hypothesis', 'actor'])
            .doUpdateSet({ verdict: row.verdict, note: row.note, at: row.at }),
        )
        .execute()
    },
    of: async (incident) => {
      const rows = await db
        .selectFrom('feedback')
        .select(['hypothesis', 'verdict', 'note', 'actor', 'at'])
        .where('incident_id', '=', incident)
        .orderBy('at')
        .execute()
      return rows.map((row) => ({ ...row, at: Number(row.at) }))
    },
  }
}

export interface VectorCache {
  load(model: string): Promise<ReadonlyMap<string, Float32Array>>
  save(model: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>
}

export function createVectorQueries(db: Kysely<Database>): VectorCache {
  return {
    load: async (model) => {
      const rows = await db
        .selectFrom('embeddings')
        .select(['text_hash', 'vector'])
        .where('model', '=', model)
        .execute()
      return new Map(rows.map((row) => [row.text_hash, new Float32Array(Uint8Array.from(row.vector).buffer)]))
    },
    save: async (model, vectors) => {
      for (const [hash, vector] of vectors) {
        const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
        await db
          .insertInto('embeddings')
          .values({ text_hash: hash, model, vector: bytes })
          .onConflict((oc) => oc.columns(['text_hash', 'model']).doNothing())
          .execute()
      }
    },
  }
}

export interface PatternRow {
  readonly fingerprint: string
  readonly service: string
  readonly severity: string
  readonly template: string
  readonly count: number
  readonly firstSeen: number
  readonly lastSeen: number
}

export async function listPatterns(db: Kysely<Database>, limit: number): Promise<readonly PatternRow[]> {
  const rows = await db
    .selectFrom('patterns')
    .selectAll()
    .where('service', '!=', PROBE_SERVICE)
    .orderBy('count', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    fingerprint: row.fingerprint,
    service: row.service,
    severity: row.severity,
    template: row.template,
    count: Number(row.count),
    firstSeen: Number(row.first_seen),
    lastSeen: Number(row.last_seen),
  }))
}

/** Shapes of the patterns seen last, to learn the grouping from: after a restart, or what another worker met since. */
export async function listShapes(
  db: Kysely<Database>,
  limit: number,
  addedSince = 0,
): Promise<readonly { readonly service: string; readonly shape: string; readonly template: string }[]> {
  const rows = await db
    .selectFrom('patterns')
    .select(['service', 'shape', 'template'])
    .where('shape', 'is not', null)
    .where('added_at', '>=', addedSince)
    .orderBy('last_seen', 'desc')
    .limit(limit)
    .execute()
  // The oldest first, as they came.
  return rows.reverse().map(({ service, shape, template }) => ({ service, shape: shape ?? '', template }))
}

export async function listAudit(db: Kysely<Database>, limit: number): Promise<readonly Database['audit'][]> {
  const rows = await db.selectFrom('audit').selectAll().orderBy('at', 'desc').limit(limit).execute()
  return rows.map((row) => ({ ...row, at: Number(row.at) }))
}

export const hasSetting = async (db: Kysely<Database>, key: string): Promise<boolean> =>
  (await db.selectFrom('settings').select('key').where('key', '=', key).executeTakeFirst()) !== undefined

/** A value made once per installation, such as the key of the redactor's placeholders. */
export async function settingOnce(db: Kysely<Database>, key: string, make: () => string): Promise<string> {
  await db
    .insertInto('settings')
    .values({ key, value: make() })
    .onConflict((oc) => oc.column('key').doNothing())
    .execute()
  return (await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirstOrThrow()).value
}
