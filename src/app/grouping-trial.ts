/** Grouping trial: what the configured grouping rules would make of lines, beside what comes of them without rules. */
import { createEventReader } from '../pipeline/decode/event-reader.ts'
import { createFingerprinter, type GroupingRules } from '../pipeline/group/fingerprint.ts'
import { createPatternMiner } from '../pipeline/group/pattern-miner.ts'
import type { Fingerprint } from '../pipeline/incident.ts'
import type { LogRecord } from '../pipeline/record.ts'

export interface TrialGroup {
  readonly id: string
  readonly events: number
  readonly service: string
  readonly basis: Fingerprint['basis']
  readonly template: string
  readonly explanation: readonly string[]
  /** Groups that its events would be without rules. */
  readonly without: number
}

export interface GroupingTrial {
  readonly events: number
  readonly groupsWithout: number
  readonly groupsWith: number
  /** Events per fingerprint rule; a rule with none matches nothing here. */
  readonly byRule: Readonly<Record<string, number>>
  /** Largest first. */
  readonly groups: readonly TrialGroup[]
}

export async function tryGrouping(
  lines: AsyncIterable<string> | Iterable<string>,
  rules: GroupingRules,
  zoneOffsetMinutes: number,
): Promise<GroupingTrial> {
  const reader = createEventReader({
    source: 'trial',
    zone: { offsetMinutes: zoneOffsetMinutes, now: 0 },
    observedAt: 0,
    defaultService: 'log',
  })
  const records: LogRecord[] = []
  for await (const line of lines) records.push(...reader.push(line))
  records.push(...reader.flush())
  const plain = createFingerprinter(createPatternMiner())(records).map(groupOf)
  const ruled = createFingerprinter(createPatternMiner(), rules)(records)
  const groups = new Map<string, { fingerprint: Fingerprint; record: LogRecord; events: number; plain: Set<string> }>()
  const byRule: Record<string, number> = Object.fromEntries(rules.fingerprints.map((rule) => [rule.id, 0]))
  for (const [i, record] of records.entries()) {
    const fingerprint = ruled[i] as Fingerprint
    const id = groupOf(fingerprint)
    const group = groups.get(id) ?? { fingerprint, record, events: 0, plain: new Set<string>() }
    group.events++
    group.plain.add(plain[i] as string)
    groups.set(id, group)
    const rule = fingerprint.basis === 'rule' ? fingerprint.explanation[0]?.replace(/^rule /, '') : undefined
    if (rule !== undefined) byRule[rule] = (byRule[rule] ?? 0) + 1
  }
  return {
    events: records.length,
    groupsWithout: new Set(plain).size,
    groupsWith: groups.size,
    byRule,
    groups: [...groups]
      .map(([id, { fingerprint, record, events, plain: before }]) => ({
        id,
        events,
        service: record.service,
        basis: fingerprint.basis,
        template: fingerprint.template,
        explanation: fingerprint.explanation,
        without: before.size,
      }))
      .sort((a, b) => b.events - a.events),
  }
}

const groupOf = ({ id, kin }: Fingerprint): string => kin[0] ?? id
