/** The answer of `cali triage` for a person: what is wrong first, what is not last. */
import type { Triage, TriagedIncident } from '../app/triage.ts'
import { type Evidence, type Fold, shownText, type UiLanguage } from '../pipeline/incident.ts'
import { bold, columns, dim, green, padEnd, plain, severityWord, shorten, terminalWidth, wrap } from './terminal.ts'

interface TriageTexts {
  readonly none: (lines: string) => string
  readonly found: (n: number, lines: string) => string
  readonly likely: string
  readonly unclear: string
  readonly see: string
  readonly do: string
  readonly like: string
  readonly noZone: (zone: string) => string
  readonly notIncidents: string
  readonly kinds: (level: string, events: string, kinds: number) => string
  readonly unreadable: (n: string) => string
  readonly hint: string
  readonly confidence: Readonly<Record<'high' | 'medium' | 'low', string>>
  readonly noTime: string
  readonly warnings: (n: number) => string
  readonly injection: string
  readonly with: string
  readonly fold: Readonly<Record<Fold['reason'], string>>
}

const TEXTS: Readonly<Record<UiLanguage, TriageTexts>> = {
  en: {
    none: (lines) => `No incident in ${lines} ${lines === '1' ? 'line' : 'lines'}.`,
    found: (n, lines) => `${n} ${n === 1 ? 'incident' : 'incidents'} in ${lines} ${lines === '1' ? 'line' : 'lines'}`,
    likely: 'likely',
    unclear: 'cause ?',
    see: 'see',
    do: 'do',
    like: 'like',
    noZone: (zone) => `no zone given, read as ${zone}`,
    notIncidents: 'Not incidents:',
    kinds: (level, events, kinds) =>
      `${events} ${level} ${events === '1' ? 'line' : 'lines'} in ${kinds} ${kinds === 1 ? 'template' : 'templates'}`,
    unreadable: (n) => `${n} lines unreadable`,
    hint: '--all shows them · --json · --lang ko',
    confidence: { high: 'high', medium: 'medium', low: 'low' },
    noTime: 'no times',
    warnings: (n) => (n === 0 ? '' : ` ${n} WARN ${n === 1 ? 'template' : 'templates'}.`),
    injection: 'A line of this incident gives instructions to its reader. It was treated as data.',
    with: 'with it',
    fold: {
      trace: 'same request',
      call: 'calls the service that failed',
      downstream: 'same address',
      storm: 'all at once',
    },
  },
  ko: {
    none: (lines) => `${lines}줄에서 인시던트를 찾지 못했습니다.`,
    found: (n, lines) => `${lines}줄에서 인시던트 ${n}건`,
    likely: '추정',
    unclear: '원인 ?',
    see: '근거',
    do: '할 일',
    like: '비유',
    noZone: (zone) => `시간대 표시가 없어 ${zone}로 읽음`,
    notIncidents: '인시던트 아님:',
    kinds: (level, events, kinds) => `${level} ${events}줄(템플릿 ${kinds}개)`,
    unreadable: (n) => `읽지 못한 줄 ${n}개`,
    hint: '--all 모두 보기 · --json · --lang en',
    confidence: { high: '높음', medium: '보통', low: '낮음' },
    noTime: '시각 없음',
    warnings: (n) => (n === 0 ? '' : ` WARN 템플릿 ${n}개.`),
    injection: '이 인시던트의 로그에 읽는 이에게 지시하는 문장이 있습니다. 데이터로만 다뤘습니다.',
    with: '함께',
    fold: { trace: '같은 요청', call: '호출한 서비스의 장애', downstream: '같은 접속 대상', storm: '한꺼번에 발생' },
  },
}

export interface TriagePrintOptions {
  readonly language: UiLanguage
  readonly timeZone: string
  readonly all: boolean
  readonly elapsedMs: number
}

const number = (n: number): string => n.toLocaleString('en-US')
const LABEL = 8

export function printTriage(result: Triage, options: TriagePrintOptions): void {
  const texts = TEXTS[options.language]
  const width = terminalWidth()
  const print = (line = ''): void => console.log(line)
  const seconds = `${(options.elapsedMs / 1000).toFixed(1)} s`
  if (result.incidents.length === 0) {
    print(
      `  ${green('✓')} ${bold(texts.none(number(result.lines)))}${texts.warnings(result.levels.WARN.templates)} ${dim(seconds)}`,
    )
  } else {
    const span =
      result.from === undefined || result.to === undefined
        ? texts.noTime
        : `${dateTime(result.from, options.timeZone)} → ${dateTime(result.to, options.timeZone)}`
    const zone = result.zoned || result.from === undefined ? '' : `, ${texts.noZone(options.timeZone)}`
    print(
      `  ${bold(texts.found(result.incidents.length, number(result.lines)))} ${dim(`(${size(result.bytes)}, ${span}${zone}) ${seconds}`)}`,
    )
    const ids = new Set(result.incidents.map(({ incident }) => incident.id))
    const followers = Map.groupBy(result.incidents, ({ incident }) => incident.fold?.under)
    // Told with its cause: one place to look at, and one line for each that it took with it.
    const own = result.incidents.filter(({ incident }) => incident.fold === undefined || !ids.has(incident.fold.under))
    for (const [i, item] of own.entries()) {
      printIncident(item, i + 1, { ...options, width, texts }, print)
      for (const [n, follower] of (followers.get(item.incident.id) ?? []).entries())
        printFollower(follower, n === 0, { ...options, width, texts }, print)
    }
  }
  print()
  const levels = (['FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE'] as const).flatMap((level) => {
    const rest = result.templates.filter((template) => template.level === level)
    const events = rest.reduce((sum, template) => sum + template.count, 0)
    return events === 0 ? [] : [texts.kinds(level, number(events), rest.length)]
  })
  if (levels.length > 0 || result.unreadable > 0) {
    print(
      dim(
        `  ${[`${texts.notIncidents} ${levels.join(' · ')}`, texts.unreadable(number(result.unreadable)), texts.hint].join(' · ')}`,
      ),
    )
  }
  if (options.all) {
    for (const template of result.templates)
      print(
        `  ${padEnd(template.level, 6)}${padEnd(`×${number(template.count)}`, 10)}${shorten(plain(`${template.service}: ${template.template}`), width - 20)}`,
      )
  }
}

function printFollower(
  { incident }: TriagedIncident,
  first: boolean,
  { texts, width }: { width: number; texts: TriageTexts },
  print: (line?: string) => void,
): void {
  const tail = `  ×${number(incident.count)}  ${texts.fold[incident.fold?.reason ?? 'trace']}`
  const head = `     ${dim(padEnd(first ? texts.with : '', LABEL))}${severityWord(incident.severity)}  `
  const room = width - columns(head) - columns(tail)
  print(head + shorten(`${plain(incident.service)}: ${plain(incident.title)}`, room) + dim(tail))
}

function printIncident(
  { incident, report }: TriagedIncident,
  n: number,
  options: TriagePrintOptions & { width: number; texts: TriageTexts },
  print: (line?: string) => void,
): void {
  const { texts, width } = options
  const count = `×${number(incident.count)}`
  const span =
    incident.firstSeen === incident.lastSeen
      ? time(incident.firstSeen, options.timeZone)
      : `${time(incident.firstSeen, options.timeZone)} → ${time(incident.lastSeen, options.timeZone)}`
  const right = `${count}  ${span}`
  const title = shorten(
    `${shorten(plain(incident.service), 28)}: ${plain(incident.title)}`,
    width - 14 - columns(right),
  )
  print()
  print(
    `  ${bold(padEnd(String(n), 2))} ${severityWord(incident.severity)}  ${bold(padEnd(title, width - 14 - columns(right)))}  ${dim(right)}`,
  )
  const label = (text: string): string => `     ${dim(padEnd(text, LABEL))}`
  const indent = ' '.repeat(5 + LABEL)
  const best = report.hypotheses[0]
  const verdict = best === undefined ? '' : ` (${texts.confidence[best.confidence]} · ${best.support.join(' ')})`
  const paragraph = (name: string, text: string): void => {
    for (const [i, line] of wrap(plain(text), width - indent.length).entries())
      print(`${i === 0 ? label(name) : indent}${line}`)
  }
  paragraph(best === undefined ? texts.unclear : texts.likely, report.summary + verdict)
  if (report.analogy !== undefined && options.language === 'ko') paragraph(texts.like, report.analogy)
  report.evidence.forEach((item, i) => {
    const place = placeOf(item)
    const tail = item.count !== undefined && item.count > 1 ? dim(` ×${number(item.count)}`) : ''
    print(
      `${i === 0 ? label(texts.see) : indent}${dim(`${padEnd(item.id, 3)} ${place}`)}  ${shorten(plain(shownText(item)), width - indent.length - 14 - columns(place))}${tail}`,
    )
  })
  for (const [i, action] of report.actions.slice(0, 3).entries()) {
    const lines = wrap(plain(`${i + 1}. ${shortStep(action.text)}`), width - indent.length)
    for (const [n, line] of lines.slice(0, 3).entries())
      print(`${i === 0 && n === 0 ? label(texts.do) : indent}${line}${n === 2 && lines.length > 3 ? '…' : ''}`)
  }
  const page = report.knowledge[0]
  if (page !== undefined) print(`${indent}${dim(`${page.id} ${page.title} · cali kb show ${page.runbook}`)}`)
  if (report.injectionSuspected) print(`${indent}${dim(texts.injection)}`)
}

/** A step up to its first command: what the command's output means stands in the runbook. */
function shortStep(text: string): string {
  const end = text.indexOf('`', text.indexOf('`') + 1)
  return end === -1 ? text : text.slice(0, end + 1)
}

const placeOf = (item: Evidence): string => (item.line === undefined ? item.id : `line ${item.line}`)

const size = (bytes: number): string =>
  bytes >= 1e9
    ? `${(bytes / 1e9).toFixed(1)} GB`
    : bytes >= 1e6
      ? `${(bytes / 1e6).toFixed(1)} MB`
      : `${Math.max(1, Math.round(bytes / 1e3))} kB`

function dateTime(at: number, timeZone: string): string {
  return `${new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at)} ${time(at, timeZone)}`
}

const time = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, timeStyle: 'medium' }).format(at)
