/** Incident message: the root message of an incident and its thread, from the incident and its report. */
import {
  type Evidence,
  type Incident,
  type IncidentSeverity,
  type PastIncident,
  type Report,
  shownText,
  type UiLanguage,
} from '../incident.ts'
import { MESSAGE_TEXTS, type MessageTexts } from './catalogue.ts'
import {
  type Block,
  button,
  clip,
  context,
  escapeMrkdwn,
  header,
  LIMITS,
  type Message,
  numbered,
  paragraph,
  preformatted,
  type Span,
  spansOf,
  visible,
  withinSize,
} from './message.ts'

export interface MessageContext {
  readonly language: UiLanguage
  readonly timeZone: string
  /** Address of the dashboard, without a slash at the end; absent: no links. */
  readonly publicUrl?: string
  /** Buttons that act are shown only where somebody hears them. */
  readonly interactive: boolean
  readonly analogy: boolean
  /** Ids that a new severe incident mentions; from configuration only. */
  readonly mentions: readonly string[]
}

const EMOJI: Readonly<Record<IncidentSeverity, string>> = { SEV1: '🔥', SEV2: '🔴', SEV3: '🟠', SEV4: '🔵' }
const ROOT_LINES = 3
const STEPS = 3

/** `followers` are folded under it: each is told in a line of its message, the worst first. */
export function renderRoot(
  incident: Incident,
  report: Report,
  at: MessageContext,
  followers: readonly Incident[] = [],
): Message {
  if (incident.fold !== undefined || incident.mergedInto !== undefined) return renderMoved(incident, at)
  const texts = MESSAGE_TEXTS[at.language]
  const title = visible(incident.title).replace(/\s+/g, ' ')
  const done = incident.state === 'resolved'
  const mark = done
    ? '✅'
    : incident.state === 'quiet'
      ? '💤'
      : incident.state === 'acknowledged'
        ? '👀'
        : EMOJI[incident.severity]
  const status = stateLine(incident, texts)
  const blocks: Block[] = [
    header(`${mark} ${incident.severity} · ${incident.service} · ${title}`),
    context([[...(status === undefined ? [] : [status]), ...facts(incident, report, at, texts)].join(' · ')]),
    paragraph(causeSpans(report, texts)),
  ]
  if (at.analogy && report.analogy !== undefined)
    blocks.push(paragraph([{ text: `${texts.like}  `, bold: true }, { text: report.analogy }]))
  const steps = report.actions.filter((step) => visible(step.text).trim() !== '').slice(0, STEPS)
  if (!done && steps.length > 0)
    blocks.push(paragraph([{ text: texts.first, bold: true }]), numbered(steps.map((step) => stepSpans(step, texts))))
  const lines = report.evidence.slice(0, ROOT_LINES)
  if (lines.length > 0) blocks.push(preformatted(lines.map((line) => evidenceLine(line, at, 220)).join('\n')))
  if (followers.length > 0) blocks.push(...followerBlocks(followers, texts))
  const past = report.past[0]
  if (past !== undefined) blocks.push(context([pastLine(past, texts)]))
  if (report.degraded !== undefined) blocks.push(context([`⚠ ${texts.degraded[report.degraded]}`]))
  if (report.injectionSuspected) blocks.push(context([`⚠ ${texts.injection}`]))
  if (report.source === 'model')
    blocks.push(context([`✳ ${texts.model}${report.model === undefined ? '' : ` · ${report.model}`}`]))
  if (at.mentions.length > 0 && (incident.severity === 'SEV1' || incident.severity === 'SEV2') && !done)
    blocks.push(mentionBlock(at.mentions))
  const actions = actionBlock(incident, report, at, texts)
  if (actions !== undefined) blocks.push(actions)
  const text = `${incident.severity} ${incident.service}: ${title} (${texts.state[incident.state]}, ${texts.count(incident.count.toLocaleString('en-US'))})`
  return { text: clip(escapeMrkdwn(text), LIMITS.fallbackChars), blocks: withinSize(blocks) }
}

const pastLine = (past: PastIncident, texts: MessageTexts): string =>
  [
    past.sameError === true ? texts.sameError(past.incident) : texts.similar(past.title, past.incident),
    ...(past.cause === undefined ? [] : [texts.causedBy(past.cause)]),
    ...(past.fix === undefined ? [] : [texts.fixedBy(past.fix)]),
  ].join(' · ')

const FOLLOWERS = 5

function followerBlocks(followers: readonly Incident[], texts: MessageTexts): Block[] {
  const worst = [...followers].sort((a, b) =>
    a.severity < b.severity ? -1 : a.severity > b.severity ? 1 : b.count - a.count,
  )
  const rest = worst.length - FOLLOWERS
  return [
    paragraph([{ text: texts.followers(followers.length), bold: true }]),
    preformatted(
      [
        ...worst
          .slice(0, FOLLOWERS)
          .map((one) =>
            clip(
              `${one.severity} ${one.service}: ${visible(one.title).replace(/\s+/g, ' ')} (${texts.count(one.count.toLocaleString('en-US'))}, ${texts.fold[one.fold?.reason ?? 'trace']})`,
              200,
            ),
          ),
        ...(rest > 0 ? [texts.more(rest)] : []),
      ].join('\n'),
    ),
  ]
}

/** What is left of a message whose incident is told of elsewhere: it stays, so that nobody looks for it. */
function renderMoved(incident: Incident, at: MessageContext): Message {
  const texts = MESSAGE_TEXTS[at.language]
  const title = visible(incident.title).replace(/\s+/g, ' ')
  const where =
    incident.mergedInto === undefined
      ? texts.foldedUnder(incident.fold?.under ?? '', texts.fold[incident.fold?.reason ?? 'trace'])
      : texts.mergedInto(incident.mergedInto)
  return {
    text: clip(escapeMrkdwn(`${incident.service}: ${title} (${where})`), LIMITS.fallbackChars),
    blocks: withinSize([
      paragraph([{ text: `↳ ${incident.service}: ${title}` }]),
      context([`${incident.id} · ${where} · ${texts.count(incident.count.toLocaleString('en-US'))}`]),
    ]),
  }
}

/** The first reply: all evidence, the whole report and what could not be checked. */
export function renderThread(incident: Incident, report: Report, at: MessageContext): Message {
  const texts = MESSAGE_TEXTS[at.language]
  const blocks: Block[] = [
    paragraph([{ text: texts.evidence, bold: true }]),
    preformatted(report.evidence.map((line) => evidenceLine(line, at, 600)).join('\n') || '-'),
  ]
  for (const hypothesis of report.hypotheses) {
    blocks.push(
      paragraph([
        { text: `${hypothesis.id}  `, bold: true },
        { text: hypothesis.cause },
        { text: `  ${texts.support(texts.confidence[hypothesis.confidence], hypothesis.support.join(' '))}` },
      ]),
    )
  }
  if (report.changes.length > 0)
    blocks.push(
      context([
        `${texts.changes}: ${report.changes.map((change) => `${change.id} ${change.service} ${change.from === undefined ? '' : `${change.from} → `}${change.to} ${time(change.at, at.timeZone)}`).join(', ')}`,
      ]),
    )
  if (report.knowledge.length > 0)
    blocks.push(context([`${texts.runbooks}: ${report.knowledge.map((hit) => `${hit.id} ${hit.title}`).join(', ')}`]))
  if (report.missing.length > 0) blocks.push(context([`${texts.missing}: ${report.missing.join(' ')}`]))
  return {
    text: clip(escapeMrkdwn(`${texts.evidence} · ${texts.report}: ${incident.service}`), LIMITS.fallbackChars),
    blocks: withinSize(blocks),
  }
}

/** The reply that is also shown in the channel when an incident comes back, or comes far more often than usual. */
export function renderEscalation(incident: Incident, kind: 'regressed' | 'spike', at: MessageContext): Message {
  const texts = MESSAGE_TEXTS[at.language]
  const title = visible(incident.title)
  const said = (kind === 'spike' ? texts.spiked : texts.cameBack)(`${incident.service}: ${title}`)
  const spike = incident.severityReasons.find((reason) => reason.key === 'spike')
  return {
    text: clip(escapeMrkdwn(said), LIMITS.fallbackChars),
    blocks: [
      paragraph([{ text: `${EMOJI[incident.severity]} ${incident.severity}  `, bold: true }, { text: said }]),
      context([
        [
          kind === 'spike' && spike !== undefined
            ? texts.reasons.spike(spike.params)
            : texts.regressed(incident.regressions),
          texts.count(incident.count.toLocaleString('en-US')),
          time(incident.lastSeen, at.timeZone),
        ].join(' · '),
      ]),
    ],
  }
}

function causeSpans(report: Report, texts: MessageTexts): Span[] {
  const best = report.hypotheses[0]
  if (best === undefined) return [{ text: `${texts.unclear}  `, bold: true }, { text: report.summary }]
  return [
    { text: `${texts.likely}  `, bold: true },
    { text: report.summary },
    { text: `  ${texts.support(texts.confidence[best.confidence], best.support.join(' '))}` },
  ]
}

/** A step up to its first command; a step that changes something says so. */
function stepSpans(step: Report['actions'][number], texts: MessageTexts): Span[] {
  const end = step.text.indexOf('`', step.text.indexOf('`') + 1)
  const spans = spansOf(end === -1 ? step.text : step.text.slice(0, end + 1))
  return step.risk === 'read_only' ? spans : [...spans, { text: ` (${texts.risk[step.risk]})` }]
}

function facts(incident: Incident, report: Report, at: MessageContext, texts: MessageTexts): string[] {
  const deploy = report.changes.find((change) => change.service === incident.service && change.at <= incident.firstSeen)
  return [
    ...(incident.namespaces[0] === undefined ? [] : [incident.namespaces.slice(0, 3).join(', ')]),
    texts.since(time(incident.firstSeen, at.timeZone)),
    texts.count(incident.count.toLocaleString('en-US')),
    ...(incident.pods.length === 0 ? [] : [texts.pods(incident.pods.length)]),
    ...(deploy === undefined
      ? incident.versions.length === 0
        ? []
        : [incident.versions.slice(-2).join(', ')]
      : [
          texts.deployed(
            deploy.to,
            time(deploy.at, at.timeZone, true),
            Math.max(0, Math.round((incident.firstSeen - deploy.at) / 60_000)),
          ),
        ]),
    `#${incident.id}`,
  ]
}

function stateLine(incident: Incident, texts: MessageTexts): string | undefined {
  if (incident.state === 'open') return undefined
  const name =
    incident.state === 'resolved'
      ? incident.resolvedBy
      : incident.state === 'acknowledged'
        ? incident.acknowledgedBy
        : undefined
  const minutes = Math.max(1, Math.round((incident.stateChangedAt - incident.openedAt) / 60_000))
  const state = incident.state === 'regressed' ? texts.regressed(incident.regressions) : texts.state[incident.state]
  return [
    state,
    ...(incident.state === 'resolved' ? [texts.lasted(minutes)] : []),
    ...(name === undefined ? [] : [texts.by(name)]),
  ].join(' · ')
}

const evidenceLine = (line: Evidence, at: MessageContext, max: number): string =>
  clip(
    `${line.id} ${time(line.at, at.timeZone)} ${line.service}${line.count !== undefined && line.count > 1 ? ` ×${line.count}` : ''}  ${visible(shownText(line)).replace(/\s+/g, ' ')}`,
    max,
  )

function mentionBlock(ids: readonly string[]): Block {
  const mention = (id: string): string =>
    id === 'here' || id === 'channel' ? `<!${id}>` : id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`
  return { type: 'section', text: { type: 'mrkdwn', text: ids.map(mention).join(' '), verbatim: true } }
}

function actionBlock(incident: Incident, report: Report, at: MessageContext, texts: MessageTexts): Block | undefined {
  const { buttons } = texts
  const elements: Record<string, unknown>[] = []
  if (at.interactive && incident.state !== 'resolved') {
    if (incident.state !== 'acknowledged')
      elements.push(
        button({ text: buttons.acknowledge, action: 'cali_acknowledge', value: incident.id, style: 'primary' }),
      )
    elements.push(button({ text: buttons.resolve, action: 'cali_resolve', value: incident.id }))
    elements.push({
      type: 'overflow',
      action_id: 'cali_snooze',
      options: [1, 4, 24].map((hours) => ({
        text: { type: 'plain_text', text: buttons.hours(hours), emoji: false },
        value: `${incident.id}:${hours}`,
      })),
    })
  }
  if (at.publicUrl !== undefined) {
    elements.push(
      button({ text: buttons.open, action: 'cali_open', value: incident.id, url: `${at.publicUrl}/i/${incident.id}` }),
    )
    const page = report.knowledge[0]
    if (page !== undefined)
      elements.push(
        button({
          text: buttons.runbook,
          action: 'cali_runbook',
          value: page.runbook,
          url: `${at.publicUrl}/knowledge/${encodeURIComponent(page.runbook)}`,
        }),
      )
  }
  return elements.length === 0 ? undefined : { type: 'actions', block_id: `cali:${incident.id}`, elements }
}

/** Making a format costs far more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>()

function time(at: number, timeZone: string, short = false): string {
  const key = `${timeZone} ${short}`
  const known = formats.get(key)
  if (known !== undefined) return known.format(at)
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    ...(short ? {} : { second: '2-digit' }),
  })
  formats.set(key, format)
  return format.format(at)
}
