/**
 * Filter: redaction first, then the rules. What leaves this stage holds no secret that the redactor knows. A record that
 * is dropped goes nowhere: of it only what is looked at is redacted, its head, and its text where a rule asks for it.
 */
import { countExit, drop, keep, type LedgerTally, reject, type StageTally } from '../outcome.ts'
import type { DecodedRecord, LogRecord, Position, RecordHead, Resource, Severity } from '../record.ts'
import { createRecordRedactor, type RecordRedactor } from './record-redactor.ts'
import type { Redactor } from './redact/redactor.ts'
import { type CompiledRule, compileRule, DEFAULT_RULES, type Rule, type RuleSubject } from './rule.ts'

export interface Filtered {
  /** For archive, index and incidents. */
  readonly kept: LogRecord[]
  /** For the archive alone. */
  readonly archived: LogRecord[]
}

export interface FilterStage {
  filter(records: readonly DecodedRecord[], ledger: LedgerTally): Filtered
  /** Replaces the rules for what comes next. */
  applyRules(rules: readonly Rule[]): void
  readonly rules: readonly Rule[]
}

export interface FilterDeps {
  readonly redactor: Redactor
  /** Sees the redacted head of every record before the rules: what INFO lines say about versions must not be lost to a rule. */
  readonly observe?: (head: RecordHead) => void
}

export function createFilterStage(deps: FilterDeps, rules: readonly Rule[] = DEFAULT_RULES): FilterStage {
  const redact = createRecordRedactor(deps.redactor)
  let compiled: readonly CompiledRule[] = rules.map(compileRule)

  const filterOne = (record: DecodedRecord, subject: RedactedSubject, out: Filtered, tally: StageTally): void => {
    const { action, rule } = decide(subject, compiled)
    if (action === 'drop') {
      countExit(tally, drop(rule))
      return
    }
    const clean = redact.record(record, subject.body)
    if (action === 'keep') {
      countExit(tally, keep(clean))
      out.kept.push(clean)
    } else {
      countExit(tally, drop(`archive_only:${rule}`))
      // Marked, so that what is read from the archive later goes no further than it went then.
      out.archived.push({ ...clean, archiveOnly: true })
    }
  }

  return {
    get rules() {
      return compiled.map((entry) => entry.rule)
    },
    applyRules: (next) => {
      compiled = next.map(compileRule)
    },
    filter: (records, ledger) => {
      const out: Filtered = { kept: [], archived: [] }
      for (const record of records) {
        ledger.filter.received++
        try {
          const subject = new RedactedSubject(record, redact)
          deps.observe?.(subject)
          filterOne(record, subject, out, ledger.filter)
        } catch {
          // Withheld: counted, and passed to nobody.
          countExit(ledger.filter, reject('redaction_failed', 'withheld'))
        }
      }
      return out
    },
  }
}

/** What observers and rules see of a record: redacted, and each part of it only when it is asked for. */
class RedactedSubject implements RecordHead, RuleSubject {
  readonly severity: Severity
  readonly position: Position
  private readonly record: DecodedRecord
  private readonly redact: RecordRedactor
  private text: string | undefined

  constructor(record: DecodedRecord, redact: RecordRedactor) {
    this.severity = record.severity
    this.position = record.position
    this.record = record
    this.redact = redact
    this.text = undefined
  }

  get service(): string {
    return this.redact.service(this.record.service)
  }

  get resource(): Resource {
    return this.redact.resource(this.record.origin)
  }

  get at(): number {
    return this.record.at
  }

  get body(): string {
    this.text ??= this.redact.text(this.record.body)
    return this.text
  }
}

/** The first rule that matches; without any, the record is kept: a gap in the rules must not lose data. */
export function decide(subject: RuleSubject, rules: readonly CompiledRule[]): { action: Rule['action']; rule: string } {
  for (const entry of rules) if (entry.matches(subject)) return { action: entry.rule.action, rule: entry.rule.id }
  return { action: 'keep', rule: 'no_rule' }
}
