/** What `cali archive backtest` says to people. */
import type { Backtest, BacktestIncident } from '../app/archive/backtest.ts'
import type { UiLanguage } from '../pipeline/incident.ts'
import { count } from './archive-text.ts'
import { bold, dim, green, plain, red, shorten, yellow } from './terminal.ts'

interface Texts {
  readonly verdict: (now: string, candidate: string, lost: number) => string
  readonly none: (records: string) => string
  readonly sides: (incidents: readonly [string, string], events: readonly [string, string]) => string
  readonly lost: string
  readonly thinner: (left: string) => string
  readonly joined: (n: number) => string
  readonly parted: (n: number) => string
  readonly added: string
  readonly read: (records: string, objects: string) => string
  readonly dropped: string
  readonly more: (n: string) => string
}

const TEXTS: Readonly<Record<UiLanguage, Texts>> = {
  en: {
    verdict: (now, candidate, lost) =>
      `${now} -> ${candidate} messages, ${lost === 0 ? 'no incident lost' : `${lost} ${lost === 1 ? 'incident' : 'incidents'} lost`}`,
    none: (records) => `${records} records, and no incident now or with the candidate`,
    sides: ([a, b], [c, d]) => `incidents ${a} -> ${b}, events in them ${c} -> ${d}`,
    lost: 'lost: nobody would hear of it',
    thinner: (left) => `still told, with ${left} events fewer`,
    joined: (n) => `one incident in place of ${n}`,
    parted: (n) => `${n} incidents in place of one`,
    added: 'new: makes no incident now',
    read: (records, objects) => `read: ${records} records of ${objects} objects`,
    dropped: 'What a rule had dropped is not in the archive: what the candidate would keep of it is not known.',
    more: (n) => `and ${n} more (--json has all)`,
  },
  ko: {
    verdict: (now, candidate, lost) =>
      `메시지 ${now}건 -> ${candidate}건, ${lost === 0 ? '잃은 인시던트 없음' : `잃은 인시던트 ${lost}건`}`,
    none: (records) => `레코드 ${records}개를 읽었지만 지금 설정으로도 새 설정으로도 인시던트가 없어요`,
    sides: ([a, b], [c, d]) => `인시던트 ${a}건 -> ${b}건, 그 안의 이벤트 ${c}개 -> ${d}개`,
    lost: '잃음: 아무도 알림을 받지 못해요',
    thinner: (left) => `알림은 그대로, 세는 이벤트가 ${left}개 줄어요`,
    joined: (n) => `인시던트 ${n}건이 하나로 합쳐져요`,
    parted: (n) => `인시던트 하나가 ${n}건으로 나뉘어요`,
    added: '새로 생김: 지금은 인시던트가 아니에요',
    read: (records, objects) => `읽음: 레코드 ${records}개, 오브젝트 ${objects}개`,
    dropped: '규칙이 버린 줄은 보관소에 없어요. 새 설정이 그중 무엇을 남길지는 알 수 없어요.',
    more: (n) => `외 ${n}건 (--json으로 모두 볼 수 있어요)`,
  },
}

const SHOWN = 10
const TITLE = 78

export function backtestText(result: Backtest, language: UiLanguage): string[] {
  const texts = TEXTS[language]
  const { now, candidate, lost } = result
  const head =
    now.incidents === 0 && candidate.incidents === 0
      ? texts.none(count(result.records))
      : texts.verdict(count(now.messages), count(candidate.messages), lost.length)
  return [
    `  ${bold(lost.length > 0 ? red(head) : green(head))}`,
    `  ${dim(`${texts.sides([count(now.incidents), count(candidate.incidents)], [count(now.events), count(candidate.events)])} · ${texts.read(count(result.records), count(result.objects))}`)}`,
    ...section(result.lost, texts, (incident) => [`${red('✗')} ${line(incident)}`, `    ${texts.lost}`]),
    ...section(result.joined, texts, ({ into, from }) => [
      `${green('⊃')} ${line(into)}`,
      `    ${texts.joined(from.length)}`,
      ...from.slice(0, SHOWN).map((incident) => `      ${dim(line(incident))}`),
    ]),
    ...section(result.parted, texts, ({ from, into }) => [
      `${yellow('⊂')} ${line(from)}`,
      `    ${texts.parted(into.length)}`,
      ...into.slice(0, SHOWN).map((incident) => `      ${dim(line(incident))}`),
    ]),
    ...section(result.thinner, texts, (incident) => [
      `${yellow('-')} ${line(incident)}`,
      `    ${texts.thinner(count(incident.left))}`,
    ]),
    ...section(result.added, texts, (incident) => [`${yellow('+')} ${line(incident)}`, `    ${texts.added}`]),
    '',
    `  ${dim(texts.dropped)}`,
  ]
}

function section<T>(items: readonly T[], texts: Texts, text: (item: T) => string[]): string[] {
  if (items.length === 0) return []
  const rest = items.length - SHOWN
  return [
    '',
    ...items.slice(0, SHOWN).flatMap((item) => text(item).map((each) => `  ${each}`)),
    ...(rest > 0 ? [`    ${dim(texts.more(count(rest)))}`] : []),
  ]
}

const line = ({ severity, service, title, count: events }: BacktestIncident): string =>
  `${severity} ${plain(service)}  ${shorten(plain(title), TITLE)}  ×${count(events)}`
