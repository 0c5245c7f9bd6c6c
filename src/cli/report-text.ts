/** What `cali report weekly` says, on a terminal and in Slack. Titles and names come from logs: they are text, nothing else. */
import type { Week } from '../app/iso-week.ts'
import type { ReportedIncident, TimeFigures, WeeklyReport } from '../app/weekly-report.ts'
import type { Sent } from '../app/weekly-send.ts'
import { type CauseCategory, INCIDENT_SEVERITIES, type IncidentState, type UiLanguage } from '../pipeline/incident.ts'
import { MESSAGE_TEXTS } from '../pipeline/notify/catalogue.ts'
import {
  type Block,
  clip,
  context,
  escapeMrkdwn,
  header,
  LIMITS,
  type Message,
  numbered,
  paragraph,
  visible,
  withinSize,
} from '../pipeline/notify/message.ts'
import { bold, columns, dim, green, padEnd, plain, severityWord, shorten, terminalWidth, wrap } from './terminal.ts'

export interface WeeklyContext {
  readonly language: UiLanguage
  readonly timeZone: string
}

interface WeeklyTexts {
  readonly title: (week: string, from: string, to: string) => string
  readonly soFar: string
  readonly became: (events: string, errors: number, messages: string, count: number) => string
  readonly previewed: (n: string) => string
  readonly allPreviewed: string
  readonly nothing: string
  readonly rows: Readonly<
    Record<
      'incidents' | 'response' | 'open' | 'loudest' | 'services' | 'causes' | 'records' | 'quarantine' | 'other',
      string
    >
  >
  readonly opened: (n: string, severities: string) => string
  readonly severity: (name: string, n: string) => string
  readonly resolved: (n: string) => string
  readonly quiet: (n: string) => string
  readonly cameBack: (n: string) => string
  readonly folded: (n: string) => string
  readonly acknowledgedAfter: (times: string) => string
  readonly resolvedAfter: (times: string) => string
  readonly times: (median: string, mean: string, n: string) => string
  readonly noResponse: string
  readonly open: (n: string, never: string) => string
  readonly noneOpen: string
  readonly service: (name: string, opened: string, events: string) => string
  readonly cause: (name: string, n: string) => string
  readonly causes: Readonly<Record<CauseCategory, string>>
  readonly records: (received: string, kept: string, dropped: string, rejected: string) => string
  readonly silences: (n: string) => string
  readonly storms: (n: string, incidents: string) => string
  readonly spikes: (n: string) => string
  readonly model: (calls: string, input: string, output: string) => string
  readonly feedback: (helpful: string, wrong: string) => string
  readonly minutes: (n: string) => string
  readonly hours: (n: string) => string
  readonly days: (n: string) => string
  readonly sent: Readonly<Record<Sent['outcome'], (week: string, channel: string, at: string) => string>>
}

const en: WeeklyTexts = {
  title: (week, from, to) => `Week ${week} · ${from} to ${to}`,
  soFar: 'not over yet',
  became: (events, errors, messages, count) =>
    `${events} ${errors === 1 ? 'error' : 'errors'} became ${messages} ${count === 1 ? 'message' : 'messages'}`,
  previewed: (n) => `${n} of them in the preview only, not in Slack`,
  allPreviewed: 'in the preview only, not in Slack',
  nothing: 'No error was counted in this week.',
  rows: {
    incidents: 'incidents',
    response: 'response',
    open: 'open now',
    loudest: 'loudest',
    services: 'services',
    causes: 'causes',
    records: 'records',
    quarantine: 'quarantine',
    other: 'also',
  },
  opened: (n, severities) => `${n} opened${severities === '' ? '' : ` (${severities})`}`,
  resolved: (n) => `${n} resolved`,
  severity: (name, n) => `${n} ${name}`,
  quiet: (n) => `${n} fell quiet by themselves`,
  cameBack: (n) => `${n} came back and wait`,
  folded: (n) => `${n} told in the message of another`,
  acknowledgedAfter: (times) => `acknowledged after ${times}`,
  resolvedAfter: (times) => `resolved after ${times}`,
  times: (median, mean, n) => `${median} in the median, ${mean} in the mean (${n})`,
  noResponse: 'nobody acknowledged or resolved one for the first time',
  open: (n, never) => `${n}, ${never} of them never acknowledged`,
  noneOpen: 'none of what was opened up to then',
  service: (name, opened, events) => `${name} ${opened} (×${events})`,
  cause: (name, n) => `${name} ${n}`,
  causes: {
    dependency_unavailable: 'dependency unavailable',
    resource_exhaustion: 'resource exhausted',
    config_change: 'configuration changed',
    deploy_regression: 'deploy',
    code_defect: 'defect in code',
    data_or_schema: 'data or schema',
    network_dns: 'network or DNS',
    auth_cert: 'login or certificate',
    external_provider: 'external provider',
    quota_or_rate_limit: 'quota or rate limit',
    scheduling_or_platform: 'platform',
    unknown: 'not known',
  },
  records: (received, kept, dropped, rejected) =>
    `since the state began: ${received} received, ${kept} kept, ${dropped} dropped, ${rejected} rejected`,
  silences: (n) => `${n} fell silent`,
  storms: (n, incidents) => `${n} storms that took in ${incidents} kinds of error`,
  spikes: (n) => `${n} far above their usual rate`,
  model: (calls, input, output) => `${calls} model calls, ${input} tokens in, ${output} out`,
  feedback: (helpful, wrong) => `explanations marked helpful ${helpful}, wrong ${wrong}`,
  minutes: (n) => `${n} min`,
  hours: (n) => `${n} h`,
  days: (n) => `${n} d`,
  sent: {
    sent: (week, channel) => `The report of ${week} was sent to ${channel}.`,
    found: (week, channel) => `The report of ${week} was in ${channel} already: an earlier run had sent it.`,
    already: (week, channel, at) => `The report of ${week} was sent to ${channel} at ${at} already: not sent again.`,
  },
}

const ko: WeeklyTexts = {
  title: (week, from, to) => `${week} 주간 보고 · ${from} ~ ${to}`,
  soFar: '아직 끝나지 않은 주',
  became: (events, _errors, messages) => `오류 ${events}건이 메시지 ${messages}건으로 줄었어요`,
  previewed: (n) => `그중 ${n}건은 Slack이 아니라 미리보기에만 있어요`,
  allPreviewed: 'Slack이 아니라 미리보기에만 있어요',
  nothing: '이 주에는 오류가 한 건도 없었어요.',
  rows: {
    incidents: '인시던트',
    response: '대응',
    open: '지금 열림',
    loudest: '가장 잦음',
    services: '서비스',
    causes: '원인',
    records: '로그',
    quarantine: '격리',
    other: '그 밖에',
  },
  opened: (n, severities) => `새로 열림 ${n}건${severities === '' ? '' : `(${severities})`}`,
  resolved: (n) => `해결 ${n}건`,
  severity: (name, n) => `${name} ${n}건`,
  quiet: (n) => `저절로 조용해짐 ${n}건`,
  cameBack: (n) => `재발해서 기다리는 중 ${n}건`,
  folded: (n) => `다른 인시던트에 묶어 알림 ${n}건`,
  acknowledgedAfter: (times) => `확인까지 ${times}`,
  resolvedAfter: (times) => `해결까지 ${times}`,
  times: (median, mean, n) => `중앙값 ${median}, 평균 ${mean}(${n}건)`,
  noResponse: '처음으로 확인하거나 해결한 인시던트가 없어요',
  open: (n, never) => `${n}건, 그중 ${never}건은 아무도 확인하지 않았어요`,
  noneOpen: '그때까지 열린 것 중에 남은 것이 없어요',
  service: (name, opened, events) => `${name} ${opened}건(오류 ${events}건)`,
  cause: (name, n) => `${name} ${n}건`,
  causes: {
    dependency_unavailable: '의존 서비스 응답 없음',
    resource_exhaustion: '자원 고갈',
    config_change: '설정 변경',
    deploy_regression: '배포',
    code_defect: '코드 결함',
    data_or_schema: '데이터나 스키마',
    network_dns: '네트워크나 DNS',
    auth_cert: '인증이나 인증서',
    external_provider: '외부 서비스',
    quota_or_rate_limit: '할당량이나 호출 한도',
    scheduling_or_platform: '플랫폼',
    unknown: '알 수 없음',
  },
  records: (received, kept, dropped, rejected) =>
    `처음부터 지금까지 받음 ${received}건, 남김 ${kept}건, 버림 ${dropped}건, 거절 ${rejected}건`,
  silences: (n) => `로그 끊김 ${n}건`,
  storms: (n, incidents) => `한꺼번에 쏟아진 오류 ${n}번(${incidents}종)`,
  spikes: (n) => `평소보다 훨씬 잦아진 오류 ${n}건`,
  model: (calls, input, output) => `모델 호출 ${calls}번, 토큰 입력 ${input}개, 출력 ${output}개`,
  feedback: (helpful, wrong) => `설명 평가: 도움이 됐어요 ${helpful}건, 틀렸어요 ${wrong}건`,
  minutes: (n) => `${n}분`,
  hours: (n) => `${n}시간`,
  days: (n) => `${n}일`,
  sent: {
    sent: (week, channel) => `${week} 보고를 ${channel}에 보냈어요.`,
    found: (week, channel) => `${week} 보고가 이미 ${channel}에 있어요. 앞선 실행이 보낸 것이에요.`,
    already: (week, channel, at) => `${week} 보고는 ${at}에 ${channel}에 이미 보냈어요. 다시 보내지 않아요.`,
  },
}

const TEXTS: Readonly<Record<UiLanguage, WeeklyTexts>> = { en, ko }

const number = (n: number): string => n.toLocaleString('en-US')
const LABEL = 12

export function printWeekly(report: WeeklyReport, at: WeeklyContext): void {
  const texts = TEXTS[at.language]
  const width = terminalWidth()
  const row = (label: string, text: string): void => {
    for (const [i, line] of wrap(plain(text), width - LABEL - 2).entries())
      console.log(`  ${dim(padEnd(i === 0 ? label : '', LABEL))}${line}`)
  }
  const incident = (label: string, one: ReportedIncident): void => {
    const tail = `  ×${number(one.events)}  ${stateWord(one.state, at)}  ${one.id}`
    const head = `  ${dim(padEnd(label, LABEL))}${severityWord(one.severity)}  `
    const name = `${shorten(plain(one.service), 28)}: ${plain(one.title)}`
    console.log(head + shorten(name, width - LABEL - 8 - columns(tail)) + dim(tail))
  }
  console.log(
    `  ${bold(titleOf(report, at))} ${dim(`· ${plain(at.timeZone)}${unfinished(report) ? ` · ${texts.soFar}` : ''}`)}`,
  )
  console.log(`  ${report.events === 0 ? green(texts.nothing) : bold(becameOf(report, texts))}`)
  console.log()
  row(texts.rows.incidents, incidentsOf(report, texts).join(' · '))
  row(texts.rows.response, responseOf(report, texts).join(' · '))
  row(texts.rows.open, openOf(report, texts))
  for (const one of report.open.worst) incident('', one)
  for (const [i, one] of report.loudest.entries()) incident(i === 0 ? texts.rows.loudest : '', one)
  for (const { label, text } of listsOf(report, texts)) row(label, text)
  const { received, kept, dropped, rejected } = report.ledger
  row(texts.rows.records, texts.records(number(received), number(kept), number(dropped), number(rejected)))
}

/** The same for the channel, shorter. Every block shows its text as it is: nothing of a log can link or ping. */
export function weeklyMessage(report: WeeklyReport, at: WeeklyContext): Message {
  const texts = TEXTS[at.language]
  const said = report.events === 0 ? texts.nothing : becameOf(report, texts)
  const blocks: Block[] = [
    header(`📊 ${titleOf(report, at)}`),
    paragraph([{ text: said, bold: true }]),
    paragraph([{ text: incidentsOf(report, texts).join(' · ') }]),
    paragraph([{ text: responseOf(report, texts).join(' · ') }]),
  ]
  if (report.loudest.length > 0)
    blocks.push(
      paragraph([{ text: texts.rows.loudest, bold: true }]),
      numbered(report.loudest.map((one) => [{ text: incidentLine(one, at) }])),
    )
  blocks.push(paragraph([{ text: `${texts.rows.open}  `, bold: true }, { text: openOf(report, texts) }]))
  if (report.open.worst.length > 0)
    blocks.push(numbered(report.open.worst.map((one) => [{ text: incidentLine(one, at) }])))
  const lists = listsOf(report, texts)
  if (lists.length > 0) blocks.push(context(lists.map(({ label, text }) => `${label}: ${text}`)))
  const fallback = `${titleOf(report, at)}: ${said}`
  return { text: clip(escapeMrkdwn(fallback), LIMITS.fallbackChars), blocks: withinSize(blocks) }
}

export function sentText(sent: Sent, week: Week, at: WeeklyContext): string {
  const channel = sent.channel === 'webhook' ? 'webhook' : plain(sent.channel)
  return `  ${TEXTS[at.language].sent[sent.outcome](week.name, channel, dateTime(sent.at, at.timeZone))}`
}

const incidentLine = (one: ReportedIncident, at: WeeklyContext): string =>
  clip(`${one.severity} ${one.service}: ${visible(one.title).replace(/\s+/g, ' ')}`, 200) +
  ` (×${number(one.events)}, ${stateWord(one.state, at)}, #${one.id})`

const stateWord = (state: IncidentState, { language }: WeeklyContext): string => MESSAGE_TEXTS[language].state[state]

const unfinished = ({ week, readAt }: WeeklyReport): boolean => readAt < week.to

const titleOf = ({ week }: WeeklyReport, { language, timeZone }: WeeklyContext): string =>
  TEXTS[language].title(week.name, date(week.from, timeZone), date(week.to - 1, timeZone))

const becameOf = ({ events, messages, previewed }: WeeklyReport, texts: WeeklyTexts): string =>
  [
    texts.became(number(events), events, number(messages), messages),
    ...(previewed === 0 ? [] : [previewed === messages ? texts.allPreviewed : texts.previewed(number(previewed))]),
  ].join(' · ')

function incidentsOf(report: WeeklyReport, texts: WeeklyTexts): string[] {
  const severities = INCIDENT_SEVERITIES.flatMap((severity) => {
    const n = report.bySeverity[severity]
    return n === undefined ? [] : [texts.severity(severity, number(n))]
  }).join(', ')
  return [
    texts.opened(number(report.opened), severities),
    texts.resolved(number(report.resolved)),
    ...(report.quiet === 0 ? [] : [texts.quiet(number(report.quiet))]),
    ...(report.cameBack === 0 ? [] : [texts.cameBack(number(report.cameBack))]),
    ...(report.folded === 0 ? [] : [texts.folded(number(report.folded))]),
  ]
}

function responseOf({ timeToAcknowledge, timeToResolve }: WeeklyReport, texts: WeeklyTexts): string[] {
  const said = (figures: TimeFigures | undefined, say: WeeklyTexts['resolvedAfter']): string[] =>
    figures === undefined ? [] : [say(figures.count === 1 ? duration(figures.meanMs, texts) : timesOf(figures, texts))]
  const all = [...said(timeToAcknowledge, texts.acknowledgedAfter), ...said(timeToResolve, texts.resolvedAfter)]
  return all.length === 0 ? [texts.noResponse] : all
}

const timesOf = ({ medianMs, meanMs, count }: TimeFigures, texts: WeeklyTexts): string =>
  texts.times(duration(medianMs, texts), duration(meanMs, texts), number(count))

const openOf = ({ open }: WeeklyReport, texts: WeeklyTexts): string =>
  open.count === 0 ? texts.noneOpen : texts.open(number(open.count), number(open.neverAcknowledged))

function listsOf(report: WeeklyReport, texts: WeeklyTexts): { label: string; text: string }[] {
  const { silences, storms, spikes, model, feedback, quarantined } = report
  const also = [
    ...(silences === 0 ? [] : [texts.silences(number(silences))]),
    ...(storms.count === 0 ? [] : [texts.storms(number(storms.count), number(storms.incidents))]),
    ...(spikes === 0 ? [] : [texts.spikes(number(spikes))]),
    ...(model.calls === 0
      ? []
      : [texts.model(number(model.calls), number(model.inputTokens), number(model.outputTokens))]),
    ...(feedback.helpful + feedback.wrong === 0
      ? []
      : [texts.feedback(number(feedback.helpful), number(feedback.wrong))]),
  ]
  const list = (label: string, items: readonly string[]) =>
    items.length === 0 ? [] : [{ label, text: items.join(' · ') }]
  return [
    ...list(
      texts.rows.services,
      report.services.map((one) => texts.service(one.service, number(one.opened), number(one.events))),
    ),
    ...list(
      texts.rows.causes,
      report.causes.map(({ cause, incidents }) => texts.cause(texts.causes[cause], number(incidents))),
    ),
    ...list(
      texts.rows.quarantine,
      Object.entries(quarantined).map(([reason, n]) => `${reason} ${number(n)}`),
    ),
    ...list(texts.rows.other, also),
  ]
}

function duration(ms: number, texts: WeeklyTexts): string {
  const minutes = ms / 60_000
  if (minutes < 90)
    return texts.minutes(minutes < 10 ? String(Number(minutes.toFixed(1))) : String(Math.round(minutes)))
  const hours = minutes / 60
  return hours < 36
    ? texts.hours(String(Number(hours.toFixed(1))))
    : texts.days(String(Number((hours / 24).toFixed(1))))
}

const date = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at)

const dateTime = (at: number, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(at)
