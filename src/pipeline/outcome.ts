/**
 * Outcome: what a stage did with one item. One vocabulary in types, metrics and docs; the law
 * `received = kept + dropped + rejected` holds at every stage and is what the ledger proves.
 */

export type Outcome<T> =
  | { readonly kind: 'keep'; readonly value: T }
  | { readonly kind: 'drop'; readonly reason: string }
  | { readonly kind: 'reject'; readonly reason: RejectReason; readonly detail: string }

/**
 * Why data could not be read, or in the last case not be indexed. Each is shown and kept in quarantine; none stops a
 * shard. What cannot be read is counted at its stage; what the index refuses was kept there, and is in archive and
 * incidents.
 */
export type RejectReason =
  | 'truncated_compression'
  | 'output_too_large'
  | 'line_too_large'
  | 'not_a_record'
  | 'redaction_failed'
  | 'ends_process'
  | 'index_refused'

export type StageName = 'decode' | 'filter' | 'group'
export const STAGES: readonly StageName[] = ['decode', 'filter', 'group']

export const keep = <T>(value: T): Outcome<T> => ({ kind: 'keep', value })
export const drop = (reason: string): Outcome<never> => ({ kind: 'drop', reason })
export const reject = (reason: RejectReason, detail: string): Outcome<never> => ({ kind: 'reject', reason, detail })

/** Counts of one stage. `received` is counted at the door, the others at the exit: their equality is a real check. */
export interface StageTally {
  received: number
  kept: number
  dropped: Record<string, number>
  rejected: Record<string, number>
}

export type LedgerTally = Record<StageName, StageTally>

export const emptyTally = (): StageTally => ({ received: 0, kept: 0, dropped: {}, rejected: {} })
export const emptyLedger = (): LedgerTally => ({ decode: emptyTally(), filter: emptyTally(), group: emptyTally() })

const total = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)
export const droppedTotal = (t: StageTally): number => total(t.dropped)
export const rejectedTotal = (t: StageTally): number => total(t.rejected)

/** Counts the exit of one item; the caller counts `received` when the item comes in. */
export function countExit(tally: StageTally, outcome: Outcome<unknown>, n = 1): void {
  if (outcome.kind === 'keep') tally.kept += n
  else {
    const counts = outcome.kind === 'drop' ? tally.dropped : tally.rejected
    counts[outcome.reason] = (counts[outcome.reason] ?? 0) + n
  }
}

export function addTally(into: StageTally, from: StageTally): void {
  into.received += from.received
  into.kept += from.kept
  for (const [reason, n] of Object.entries(from.dropped)) into.dropped[reason] = (into.dropped[reason] ?? 0) + n
  for (const [reason, n] of Object.entries(from.rejected)) into.rejected[reason] = (into.rejected[reason] ?? 0) + n
}

export function addLedger(into: LedgerTally, from: LedgerTally): void {
  for (const stage of STAGES) addTally(into[stage], from[stage])
}

/** Every way in which the books do not balance, in words; empty when they do. */
export function ledgerFaults(ledger: LedgerTally): readonly string[] {
  const faults: string[] = []
  for (const stage of STAGES) {
    const t = ledger[stage]
    const out = t.kept + droppedTotal(t) + rejectedTotal(t)
    if (t.received !== out) faults.push(`${stage}: received ${t.received}, accounted for ${out}`)
  }
  if (ledger.decode.kept !== ledger.filter.received) {
    faults.push(`decode kept ${ledger.decode.kept}, filter received ${ledger.filter.received}`)
  }
  if (ledger.filter.kept !== ledger.group.received) {
    faults.push(`filter kept ${ledger.filter.kept}, group received ${ledger.group.received}`)
  }
  return faults
}
