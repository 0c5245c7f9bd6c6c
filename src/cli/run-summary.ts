import { percentile } from '../api/routes/pipeline.ts'
import type { System } from '../app/system.ts'
import { addLedger, emptyLedger, type LedgerTally, ledgerFaults, STAGES } from '../pipeline/outcome.ts'
import { PROBE_SERVICE } from '../pipeline/probe.ts'
import type { RunSummary } from './dev-output.ts'

/** What this run did: the ledger now, less what was in it at the start. */
export async function summarise(system: System, before: LedgerTally, startedAt: number): Promise<RunSummary> {
  const ledger = await system.ledger()
  const status = await system.state.outbox.status(system.clock.now())
  const incidents = await system.state.db
    .selectFrom('incidents')
    .where('service', '!=', PROBE_SERVICE)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('opened_at', '>=', startedAt)
    .executeTakeFirstOrThrow()
  const posted = await system.state.db
    .selectFrom('notifications')
    .innerJoin('outbox', 'outbox.incident_id', 'notifications.incident_id')
    .select(['posted_at', 'line_at'])
    .where('posted_at', '>=', startedAt)
    .execute()
  const latencies = posted.map((row) => Number(row.posted_at) - Number(row.line_at))
  const run = difference(ledger, before)
  const faults = [
    ...ledgerFaults(ledger),
    ...(status.pending > 0 ? [`${status.pending} messages not delivered yet`] : []),
  ]
  const droppedByRule = merged(run, 'dropped')
  const rejectedByReason = merged(run, 'rejected')
  const sum = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((total, count) => total + count, 0)
  return {
    received: run.decode.received,
    kept: run.group.kept,
    dropped: sum(droppedByRule),
    rejected: sum(rejectedByReason),
    incidents: Number(incidents.n),
    messages: posted.length,
    lineToMessageMs: { p50: percentile(latencies, 0.5), p95: percentile(latencies, 0.95) },
    ledgerBalanced:
      ledgerFaults(ledger).length === 0 &&
      run.decode.received === run.group.kept + sum(droppedByRule) + sum(rejectedByReason),
    droppedByRule,
    rejectedByReason,
    faults,
  }
}

function merged(ledger: LedgerTally, outcome: 'dropped' | 'rejected'): Record<string, number> {
  const all: Record<string, number> = {}
  for (const stage of STAGES)
    for (const [reason, count] of Object.entries(ledger[stage][outcome]))
      if (count > 0) all[reason] = (all[reason] ?? 0) + count
  return all
}

function difference(after: LedgerTally, before: LedgerTally): LedgerTally {
  const negative = emptyLedger()
  for (const stage of STAGES) {
    const { received, kept, dropped, rejected } = before[stage]
    const minus = (counts: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(counts).map(([reason, count]) => [reason, -count]))
    negative[stage] = { received: -received, kept: -kept, dropped: minus(dropped), rejected: minus(rejected) }
  }
  addLedger(negative, after)
  return negative
}
