import { z } from 'zod'
import type { System } from '../../app/system.ts'
import { droppedTotal, ledgerFaults, rejectedTotal, type StageTally } from '../../pipeline/outcome.ts'
import { PROBE_SERVICE } from '../../pipeline/probe.ts'
import { listAudit, listPatterns } from '../../state/record-queries.ts'
import { patternSchema, pipelineSchema } from '../schema.ts'
import type { ZodApi } from '../zod-api.ts'

export function pipelineRoutes(api: ZodApi, system: System): void {
  const { state } = system
  api.get('/api/pipeline', { schema: { response: { 200: pipelineSchema } } }, async () => {
    const now = system.clock.now()
    const [ledger, outbox, quarantine, debt, probe, byState] = await Promise.all([
      system.ledger(),
      state.outbox.status(now),
      state.quarantine.list(50),
      state.indexDebts.status(),
      state.probes.status(),
      state.db
        .selectFrom('incidents')
        .where('service', '!=', PROBE_SERVICE)
        .select((eb) => ['state', eb.fn.countAll<number>().as('n')])
        .groupBy('state')
        .execute(),
    ])
    const faults = ledgerFaults(ledger)
    const { lineToMessageMs, ...deliveries } = outbox
    return {
      ledger: { decode: tallyView(ledger.decode), filter: tallyView(ledger.filter), group: tallyView(ledger.group) },
      balanced: faults.length === 0,
      faults: [...faults],
      ratePerSecond: system.live.ratePerSecond(now),
      ...(system.live.lastRecordAt === undefined ? {} : { lastRecordAt: system.live.lastRecordAt }),
      sources: system.sources.flatMap(({ name, source }) => source.status().map((status) => ({ name, ...status }))),
      archive: { ...system.archive.stats, location: system.archiveStore.location },
      index: { ...system.indexing.status(), location: system.index.location, debt },
      outbox: { ...deliveries, mode: system.notifier.mode },
      lineToMessageMs: {
        p50: percentile(lineToMessageMs, 0.5),
        p95: percentile(lineToMessageMs, 0.95),
        samples: lineToMessageMs.length,
      },
      probe: {
        intervalMs: system.config.probe.interval,
        objectiveMs: system.config.probe.objective,
        ...probe,
      },
      incidents: {
        open: 0,
        acknowledged: 0,
        regressed: 0,
        quiet: 0,
        resolved: 0,
        merged: 0,
        ...Object.fromEntries(byState.map((row) => [row.state, Number(row.n)])),
      },
      quarantine: [...quarantine],
    }
  })

  api.get(
    '/api/patterns',
    { schema: { response: { 200: z.object({ patterns: z.array(patternSchema) }) } } },
    async () => {
      const [patterns, incidents] = await Promise.all([
        listPatterns(state.db, 1_000),
        state.db.selectFrom('incidents').select(['fingerprint', 'id']).execute(),
      ])
      const ids = new Map(incidents.map((row) => [row.fingerprint, row.id]))
      return {
        patterns: patterns.map(({ severity, ...pattern }) => {
          const incident = ids.get(pattern.fingerprint)
          return { ...pattern, level: severity, ...(incident === undefined ? {} : { incident }) }
        }),
      }
    },
  )

  const entry = z.object({
    at: z.number(),
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z.string(),
  })
  api.get('/api/audit', { schema: { response: { 200: z.object({ entries: z.array(entry) }) } } }, async () => ({
    entries: [...(await listAudit(state.db, 500))],
  }))
}

const tallyView = (tally: StageTally) => ({
  ...tally,
  balanced: tally.received === tally.kept + droppedTotal(tally) + rejectedTotal(tally),
})

/** Nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
