import { z } from 'zod'
import { checkRules } from '../../app/rules.ts'
import type { System } from '../../app/system.ts'
import { decide } from '../../pipeline/filter/filter-stage.ts'
import { compileRule, ruleSchema } from '../../pipeline/filter/rule.ts'
import { EMPTY_QUERY } from '../../pipeline/forward/log-index.ts'
import { logView } from '../log-view.ts'
import { rulePreviewSchema } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

const PREVIEW_RECORDS = 20_000
const PAGE = 500
const EXAMPLES = 20

export function ruleRoutes(api: ZodApi, system: System): void {
  const answer = z.object({ rules: z.array(ruleSchema), source: z.enum(['default', 'saved', 'file']) })
  api.get('/api/rules', { schema: { response: { 200: answer } } }, () => ({
    rules: [...system.rules.rules],
    source: system.rules.source,
  }))

  api.put(
    '/api/rules',
    {
      schema: {
        body: z.object({ rules: z.array(z.unknown()), by: z.string().trim().min(1, 'say who you are').max(80) }),
        response: { 200: answer },
      },
    },
    async ({ body }) => {
      await system.rules.save(body.rules, body.by)
      return { rules: [...system.rules.rules], source: system.rules.source }
    },
  )

  /** What the rules would have done to the lines that are in the index: those the present rules keep. */
  api.post(
    '/api/rules/preview',
    {
      schema: {
        body: z.object({
          rules: z.array(z.unknown()),
          hours: z
            .number()
            .min(0.1)
            .max(24 * 30)
            .default(24),
        }),
        response: { 200: rulePreviewSchema },
      },
    },
    async ({ body }) => {
      const next = checkRules(body.rules).map(compileRule)
      const current = system.rules.rules.map(compileRule)
      const to = system.clock.now()
      const from = to - body.hours * 3_600_000
      const before = { keep: 0, archive: 0, drop: 0 }
      const after = { keep: 0, archive: 0, drop: 0 }
      const byRule = new Map<string, { rule: string; action: 'keep' | 'archive' | 'drop'; records: number }>()
      const changedExamples: z.output<typeof rulePreviewSchema>['changedExamples'] = []
      const hidden = new Map<string, number>()
      let records = 0
      let cursor: string | undefined
      do {
        const page = await system.index.search({ ...EMPTY_QUERY, from, to }, PAGE, cursor)
        for (const record of page.records) {
          records++
          const was = decide(record, current)
          const becomes = decide(record, next)
          before[was.action]++
          after[becomes.action]++
          const row = byRule.get(becomes.rule) ?? { ...becomes, records: 0 }
          row.records++
          byRule.set(becomes.rule, row)
          if (was.action === becomes.action) continue
          if (changedExamples.length < EXAMPLES)
            changedExamples.push({
              record: logView(record),
              before: `${was.action} (${was.rule})`,
              after: `${becomes.action} (${becomes.rule})`,
            })
          if (was.action === 'keep') hidden.set(record.id, record.at)
        }
        cursor = page.next
      } while (cursor !== undefined && records < PREVIEW_RECORDS)
      return {
        records,
        from,
        to,
        before,
        after,
        byRule: [...byRule.values()],
        changedExamples,
        incidentsAffected: await incidentsOf([...hidden.keys()]),
      }
    },
  )

  async function incidentsOf(recordIds: readonly string[]) {
    if (recordIds.length === 0) return []
    const rows = await system.state.db
      .selectFrom('samples')
      .innerJoin('incidents', 'incidents.id', 'samples.incident_id')
      .select(['incidents.id', 'incidents.title', 'incidents.service'])
      .distinct()
      .where('samples.record_id', 'in', recordIds.slice(0, 5_000))
      .limit(50)
      .execute()
    return rows
  }
}
