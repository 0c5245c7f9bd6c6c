/** Output of a running program: one line per opening and regression, folded counts between; JSON lines off a terminal. */
import type { Incident, UiLanguage } from '../pipeline/incident.ts'
import { DEV_TEXTS } from './dev-texts.ts'
import { bold, columns, dim, padEnd, plain, severityWord, shorten, terminalWidth } from './terminal.ts'

export interface RunSummary {
  readonly received: number
  readonly kept: number
  readonly dropped: number
  readonly rejected: number
  readonly incidents: number
  readonly messages: number
  readonly lineToMessageMs: { readonly p50: number; readonly p95: number }
  readonly ledgerBalanced: boolean
  readonly droppedByRule: Readonly<Record<string, number>>
  readonly rejectedByReason: Readonly<Record<string, number>>
  readonly faults: readonly string[]
}

export interface DevOutput {
  start(facts: StartFacts): void
  note(text: string, event: string): void
  incident(incident: Incident, kind: 'opened' | 'regressed', cause: string | undefined): void
  counted(incident: Incident, added: number): void
  stopping(): void
  summary(summary: RunSummary): void
}

export interface StartFacts {
  readonly version: string
  readonly url: string
  readonly dataDir: string
  /** Address of the local Kinesis. */
  readonly kinesis?: string
  readonly rows: readonly { readonly label: string; readonly value: string; readonly hint?: string }[]
}

const FOLD_MS = 3_000

export function createDevOutput(options: {
  readonly terminal: boolean
  readonly language: UiLanguage
  readonly timeZone: string
  readonly now: () => number
  readonly print: (line: string) => void
}): DevOutput {
  const texts = DEV_TEXTS[options.language]
  const { print } = options
  const json = (event: string, fields: object): void => print(JSON.stringify({ event, ...fields }))
  const clock = (): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: options.timeZone, timeStyle: 'medium' }).format(options.now())
  const folded = new Map<string, { incident: Incident; added: number; since: number }>()

  if (!options.terminal) {
    return {
      start: ({ version, url, dataDir, kinesis }) =>
        json('started', { version, url, dataDir, ...(kinesis === undefined ? {} : { kinesis }) }),
      note: (text, event) => json(event, { message: text }),
      incident: (incident, kind, cause) =>
        json(kind, {
          id: incident.id,
          severity: incident.severity,
          service: incident.service,
          title: incident.title,
          count: incident.count,
          ...(cause === undefined ? {} : { cause }),
        }),
      counted: () => undefined,
      stopping: () => json('stopping', {}),
      summary: (summary) => json('summary', summary),
    }
  }

  const flushFolded = (): void => {
    for (const [id, entry] of folded) {
      if (options.now() - entry.since < FOLD_MS) continue
      folded.delete(id)
      print(
        dim(
          `  ${clock()}  ····  ${texts.joined(entry.added.toLocaleString('en-US'), plain(entry.incident.service), id)}`,
        ),
      )
    }
  }

  return {
    start: ({ version, url, dataDir, rows }) => {
      const head = `  ${bold(`CALI ${version}`)}   ${url}`
      print('')
      print(`${padEnd(head, 76)}${dim(texts.stop(dataDir))}`)
      const width = Math.max(...rows.map((row) => columns(row.label)))
      for (const row of rows)
        print(
          `  ${dim(padEnd(row.label, width + 3))}${padEnd(row.value, 72 - width)}${row.hint === undefined ? '' : dim(` ${row.hint}`)}`,
        )
      print('')
    },
    note: (text) => print(dim(`  ${text}`)),
    incident: (incident, kind, cause) => {
      flushFolded()
      const head = `  ${clock()}  ${severityWord(incident.severity)}  `
      const title = `${plain(incident.service)}   ${kind === 'regressed' ? `${texts.back} ` : ''}${plain(incident.title)}`
      const tail = `  ×${incident.count}   ${cause === undefined ? '' : `${texts.likely} ${plain(cause)}`}`
      const link = `  /i/${incident.id}`
      const room = terminalWidth() - columns(head) - columns(link)
      print(head + shorten(`${shorten(title, Math.max(40, room - 40))}${dim(tail)}`, room + 9) + dim(link))
    },
    counted: (incident, added) => {
      const entry = folded.get(incident.id)
      if (entry === undefined) folded.set(incident.id, { incident, added, since: options.now() })
      else entry.added += added
      flushFolded()
    },
    stopping: () => print(dim(`\n  ${texts.stopping}`)),
    summary: (summary) => {
      const { summary: words } = texts
      const n = (value: number): string => value.toLocaleString('en-US').padStart(10)
      const parts = (counts: Readonly<Record<string, number>>): string => {
        const text = Object.entries(counts)
          .map(([reason, count]) => `${reason} ${count.toLocaleString('en-US')}`)
          .join(', ')
        return text === '' ? '' : dim(`   ${text}`)
      }
      print('')
      print(`  ${padEnd(words.received, 18)}${n(summary.received)}`)
      print(`  ${padEnd(words.kept, 18)}${n(summary.kept)}`)
      print(`  ${padEnd(words.dropped, 18)}${n(summary.dropped)}${parts(summary.droppedByRule)}`)
      print(`  ${padEnd(words.rejected, 18)}${n(summary.rejected)}${parts(summary.rejectedByReason)}`)
      print(`  ${padEnd(words.incidents, 18)}${n(summary.incidents)}`)
      print(`  ${padEnd(words.messages, 18)}${n(summary.messages)}`)
      print(
        `  ${padEnd(words.latency, 18)}${`${(summary.lineToMessageMs.p50 / 1000).toFixed(2)} s`.padStart(10)}   p95 ${(summary.lineToMessageMs.p95 / 1000).toFixed(2)} s`,
      )
      print(
        `  ${padEnd(words.ledger, 18)}${(summary.ledgerBalanced ? words.balanced : words.unbalanced).padStart(10)}${summary.faults.length === 0 ? '' : `   ${summary.faults.join('; ')}`}`,
      )
      print('')
    },
  }
}
