/** Filter: redaction first, then the rules. What leaves this stage holds no secret that the redactor knows. */
import { countExit, drop, keep, type LedgerTally, reject } from '../outcome.ts'
import type { ExceptionInfo, LogRecord, Resource } from '../record.ts'
import type { Redactor } from './redact/redactor.ts'
import { type CompiledRule, compileRule, DEFAULT_RULES, type Rule } from './rule.ts'

export interface Filtered {
  /** For archive, index and incidents. */
  readonly kept: LogRecord[]
  /** For the archive alone. */
  readonly archived: LogRecord[]
}

export interface FilterStage {
  filter(records: readonly LogRecord[], ledger: LedgerTally): Filtered
  /** Replaces the rules for what comes next. */
  applyRules(rules: readonly Rule[]): void
  readonly rules: readonly Rule[]
}

export interface FilterDeps {
  readonly redactor: Redactor
  /** Sees every redacted record before the rules: what INFO lines say about versions must not be lost to a rule. */
  readonly observe?: (record: LogRecord) => void
}

export function createFilterStage(deps: FilterDeps, rules: readonly Rule[] = DEFAULT_RULES): FilterStage {
  let compiled: readonly CompiledRule[] = rules.map(compileRule)
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
        let clean: LogRecord
        try {
          clean = redactRecord(record, deps.redactor)
        } catch {
          countExit(ledger.filter, reject('redaction_failed', 'withheld'))
          continue
        }
        deps.observe?.(clean)
        const decision = decide(clean, compiled)
        if (decision.action === 'keep') {
          countExit(ledger.filter, keep(clean))
          out.kept.push(clean)
        } else {
          countExit(
            ledger.filter,
            drop(decision.action === 'archive' ? `archive_only:${decision.rule}` : decision.rule),
          )
          // Marked, so that what is read from the archive later goes no further than it went then.
          if (decision.action === 'archive') out.archived.push({ ...clean, archiveOnly: true })
        }
      }
      return out
    },
  }
}

/** The first rule that matches; without any, the record is kept: a gap in the rules must not lose data. */
export function decide(record: LogRecord, rules: readonly CompiledRule[]): { action: Rule['action']; rule: string } {
  for (const entry of rules) if (entry.matches(record)) return { action: entry.rule.action, rule: entry.rule.id }
  return { action: 'keep', rule: 'no_rule' }
}

export function redactRecord(record: LogRecord, redactor: Redactor): LogRecord {
  const body = redactor.redact(record.body)
  const attributes: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(record.attributes)) {
    attributes[redactKey(key, redactor)] = typeof value === 'string' ? redactField(key, value, redactor) : value
  }
  const changed = body !== record.body
  return {
    ...record,
    body,
    message: redactor.redact(record.message),
    attributes,
    resource: redactResource(record.resource, redactor),
    // The service may be a value from the log; it is shown everywhere.
    service: redactor.redact(record.service),
    ...(record.exception === undefined || !changed
      ? {}
      : {
          exception: {
            ...redactException(record.exception, redactor),
            language: record.exception.language,
            causes: record.exception.causes.map((cause) => redactException(cause, redactor)),
          },
        }),
  }
}

/** A key may be a value of the log too, as in a count by mail address; a short word without a digit is a name. */
const redactKey = (key: string, redactor: Redactor): string =>
  /^[A-Za-z_.-]{1,40}$/.test(key) ? key : redactor.redact(key)

/** The key is context for the redactor: `password` makes any value a secret. */
function redactField(key: string, value: string, redactor: Redactor): string {
  const prefix = `${key}=`
  const redacted = redactor.redact(prefix + value)
  return redacted.startsWith(prefix) ? redacted.slice(prefix.length) : redactor.redact(value)
}

/** A log line may name its host or version, so that a secret can stand there; most often none does, which one look tells. */
function redactResource(resource: Resource, redactor: Redactor): Resource {
  const { labels = {}, ...names } = resource
  const all = [...Object.entries(names), ...Object.entries(labels)].map(([key, value]) => `${key}=${value}`).join('\n')
  if (redactor.redact(all) === all) return resource
  const clean = (fields: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [redactKey(key, redactor), redactField(key, value, redactor)]),
    )
  return { ...clean(names), ...(resource.labels === undefined ? {} : { labels: clean(labels) }) }
}

const redactException = (exception: ExceptionInfo, redactor: Redactor): ExceptionInfo => ({
  type: exception.type,
  message: redactor.redact(exception.message),
  frames: exception.frames,
})
