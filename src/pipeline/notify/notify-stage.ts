/**
 * Notify: brings each incident's message up to date. Level-triggered: a delivery says which incident wants it; what is
 * sent is made from the incident as it is now, so that edits fold and a restart needs no memory. Every step is saved
 * before the next: a crash repeats at most the step whose answer it hid, and that one is looked for first.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../platform/clock.ts'
import { CaliError, messageOf } from '../../platform/error.ts'
import { contentHash } from '../../platform/hash.ts'
import type { Logger } from '../../platform/logger.ts'
import { backoffMs, type RetryPolicy } from '../../platform/retry.ts'
import { noTracer, type Tracer } from '../../platform/tracer.ts'
import type { Incident, Report } from '../incident.ts'
import { isProbe } from '../probe.ts'
import type { Delivery, IncidentReader, Outbox, Progress } from '../store.ts'
import { type MessageContext, renderEscalation, renderRoot, renderThread } from './incident-message.ts'
import type { Message } from './message.ts'
import type { Address, MessageKey, Notifier } from './notifier.ts'

export interface NotifyDeps {
  readonly outbox: Outbox
  readonly incidents: Pick<IncidentReader, 'get' | 'list'>
  readonly notifier: Notifier
  /** The best report there is now; never waits for a model. */
  readonly reportOf: (incident: Incident) => Promise<Report>
  readonly context: MessageContext
  readonly clock: Clock
  readonly logger: Logger
  /** Between two edits of one message, milliseconds. */
  readonly editIntervalMs: number
  readonly random: () => number
  readonly onDelivered?: (incident: string) => void
  /** A probe with this time in its line was due to be sent; it is sent to nobody. */
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer
  readonly onProbe?: (at: number) => Promise<void>
}

export interface NotifyStage {
  /** Delivers until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
  /** There may be something to deliver. */
  wake(): void
  /** Delivers what is due now and returns how many incidents were brought up to date. */
  deliverDue(signal: AbortSignal): Promise<number>
}

const LEASE_MS = 120_000
/** Longer than one call may take: no call is begun that could end behind the claim. */
const LEASE_RESERVE_MS = 30_000
/** One call and the answer to it. */
const CALL_RESERVE_MS = 12_000
/** By then a post that was under way has ended, and the history shows it. */
const SWEEP_AFTER_MS = 120_000
const BATCH = 20
const LOOK_TWICE_FROM = 3
const IDLE_MS = 500
/** In-place attempts keep the order of messages; after them the row waits and others go on. */
const IN_PLACE: RetryPolicy = { baseMs: 100, capMs: 5_000, attempts: 6 }
/** Asked to wait for longer, the row waits instead: a claim must not end while its sender sleeps. */
const LONGEST_IN_PLACE_MS = 10_000
const LATER: RetryPolicy = { baseMs: 5_000, capMs: 300_000, attempts: 1 }
const FINAL_FAULT_MS = 60_000

/** Somebody else delivers this message by now: nothing more is to be done with it here. */
class ClaimLost extends Error {}

export function createNotifyStage(deps: NotifyDeps): NotifyStage {
  let wakeUp: (() => void) | undefined
  const tracer = deps.tracer ?? noTracer

  const deliverDue = async (signal: AbortSignal): Promise<number> => {
    const due = await deps.outbox.claim(deps.clock.now(), LEASE_MS, BATCH)
    // Monotonic: a wall clock that jumps must not make this sender outlive its claim.
    const leaseEnd = performance.now() + LEASE_MS
    for (const [i, delivery] of due.entries()) {
      if (signal.aborted || performance.now() > leaseEnd - LEASE_RESERVE_MS) {
        // Given back at once, so that nobody waits for the lease.
        for (const rest of due.slice(i)) await deps.outbox.postpone(rest, 0, '')
        return i
      }
      await tracer.span('cali.deliver', { 'cali.incident': delivery.incident, 'cali.attempt': delivery.attempt }, () =>
        deliver(delivery, signal, leaseEnd),
      )
    }
    return due.length
  }

  const deliver = async (delivery: Delivery, signal: AbortSignal, leaseEnd: number): Promise<void> => {
    let state = delivery
    // A claim that was made before may have ended between a post and its answer.
    let uncertain = delivery.attempt > 1
    for (let attempt = 1; ; attempt++) {
      const lookups = !uncertain ? 0 : attempt < LOOK_TWICE_FROM ? 1 : 2
      try {
        await bringUpToDate(state, lookups, leaseEnd, ({ sweepAt, ...done }) => {
          const { sweepAt: before, ...rest } = state
          const sweep = sweepAt === undefined ? before : (sweepAt ?? undefined)
          state = { ...rest, ...done, ...(sweep === undefined ? {} : { sweepAt: sweep }) }
        })
        return
      } catch (error) {
        if (error instanceof ClaimLost) {
          // Both may have posted: whoever looks later leaves one.
          deps.logger.warn({ event: 'claim_lost', incident: state.incident, claim: state.claim })
          await deps.outbox.sweep(state.incident, deps.clock.now() + SWEEP_AFTER_MS)
          return
        }
        // Refused for its rate, a call had no effect; after any other fault it may have had one.
        uncertain ||= !(error instanceof CaliError && error.code === 'slack_rate_limited')
        const retryable = !(error instanceof CaliError) || error.retryable
        const asked = error instanceof CaliError ? error.retryAfterMs : undefined
        if (!retryable || attempt >= IN_PLACE.attempts || signal.aborted || (asked ?? 0) > LONGEST_IN_PLACE_MS) {
          const wait = retryable ? (asked ?? backoffMs(LATER, state.attempt, deps.random)) : FINAL_FAULT_MS
          await deps.outbox.postpone(state, signal.aborted ? 0 : deps.clock.now() + wait, messageOf(error))
          deps.logger.error({
            event: 'delivery_failed',
            incident: state.incident,
            reason: messageOf(error),
            againInMs: wait,
          })
          return
        }
        deps.logger.warn({ event: 'delivery_retry', incident: state.incident, reason: messageOf(error) })
        await delay(asked ?? backoffMs(IN_PLACE, attempt, deps.random), undefined, { signal }).catch(() => undefined)
      }
    }
  }

  const bringUpToDate = async (
    delivery: Delivery,
    lookups: number,
    leaseEnd: number,
    saved: (done: Progress) => void,
  ): Promise<void> => {
    const incident = await deps.incidents.get(delivery.incident)
    const now = deps.clock.now()
    if (incident === undefined) return deps.outbox.settle(delivery, delivery.wanted, 0)
    if (isProbe(incident)) {
      await deps.onProbe?.(incident.lastSeen)
      return deps.outbox.settle(delivery, delivery.wanted, 0)
    }
    if (incident.mutedUntil !== undefined && incident.mutedUntil > now)
      return deps.outbox.postpone(delivery, incident.mutedUntil, '')
    // Folded before it was ever told: the message of its cause tells of it. One that is out already says where it went.
    if (incident.fold !== undefined && delivery.firstAttemptAt === undefined) {
      // It is explained all the same: its page and its line in the list say what is known.
      await deps.reportOf(incident)
      return deps.outbox.settle(delivery, delivery.wanted, now + deps.editIntervalMs)
    }
    const save = async (done: Progress): Promise<void> => {
      if (!(await deps.outbox.progress(delivery, done))) throw new ClaimLost()
      saved(done)
    }
    const posted = async (key: MessageKey, under?: Address): Promise<Address | undefined> => {
      if (lookups === 0) return undefined
      const find = async () => (await deps.notifier.find(key, delivery.firstAttemptAt ?? now, under))[0]
      const found = await find()
      // Slack's history lags behind its answers: later attempts ask again. The first answer stands if that fails.
      return found ?? (lookups > 1 ? await find().catch(() => undefined) : undefined)
    }
    const post: Notifier['post'] = async (...message) => {
      // Frozen or slow: what is posted behind the end of the claim somebody else may have posted too.
      if (performance.now() > leaseEnd - CALL_RESERVE_MS) throw new ClaimLost()
      return deps.notifier.post(...message)
    }
    const report = await deps.reportOf(incident)
    const followers =
      incident.fold === undefined ? await deps.incidents.list({ foldedUnder: incident.id, limit: 200 }) : []
    const message = renderRoot(incident, report, deps.context, followers)
    const shown = await showRoot(delivery, incident, message, posted, post, save)
    const root =
      delivery.sweepAt === undefined || delivery.sweepAt > now ? shown : await sweep(delivery, shown, message, save)
    if (deps.notifier.edits)
      await showThread(delivery, incident, root, renderThread(incident, report, deps.context), posted, post, save)
    const escalations = incident.regressions + incident.spikes
    // A first message that comes late already says that the incident came back or rose.
    if (delivery.ts === undefined && escalations > delivery.broadcasts) await save({ broadcasts: escalations })
    else if (escalations > delivery.broadcasts && incident.fold === undefined && incident.mergedInto === undefined) {
      const kind =
        (incident.spikedAt ?? 0) > incident.stateChangedAt || incident.regressions === 0 ? 'spike' : 'regressed'
      const key = { incident: incident.id, part: `regression-${escalations}` }
      if ((await posted(key, root)) === undefined)
        await post(renderEscalation(incident, kind, deps.context), key, { under: root, broadcast: true })
      await save({ broadcasts: escalations })
    }
    await deps.outbox.settle(delivery, delivery.wanted, now + deps.editIntervalMs)
    deps.onDelivered?.(incident.id)
  }

  type Save = (done: Progress) => Promise<void>

  type Look = (key: MessageKey, under?: Address) => Promise<Address | undefined>

  const showRoot = async (
    delivery: Delivery,
    incident: Incident,
    message: Message,
    look: Look,
    post: Notifier['post'],
    save: Save,
  ): Promise<Address> => {
    const shown = hashOf(message)
    if (delivery.channel !== undefined && delivery.ts !== undefined) {
      const at = { channel: delivery.channel, ts: delivery.ts }
      if (delivery.shown !== shown) {
        await deps.notifier.update(message, at)
        await save({ shown })
      }
      return at
    }
    const key = { incident: incident.id, part: 'root' }
    const found = delivery.firstAttemptAt === undefined ? undefined : await look(key)
    if (delivery.firstAttemptAt === undefined) await save({ firstAttemptAt: deps.clock.now() })
    // Not found, it may still be there: the history lags behind, or the first sender is only slow.
    else if (found === undefined) await save({ sweepAt: deps.clock.now() + SWEEP_AFTER_MS })
    const at = found ?? (await post(message, key))
    await save({ ...at, postedAt: deps.clock.now(), ...(found === undefined ? { shown } : {}) })
    if (found !== undefined) {
      await deps.notifier.update(message, at)
      await save({ shown })
    }
    return at
  }

  /** Leaves the earliest of an incident's messages and takes back the others. */
  const sweep = async (delivery: Delivery, shown: Address, message: Message, save: Save): Promise<Address> => {
    const key = { incident: delivery.incident, part: 'root' }
    const [first, ...others] = await deps.notifier.find(key, delivery.firstAttemptAt ?? deps.clock.now())
    if (first !== undefined && first.ts !== shown.ts) {
      await deps.notifier.update(message, first)
      await save({ ...first, shown: hashOf(message) })
    }
    for (const other of others) await deps.notifier.remove(other)
    if (others.length > 0)
      deps.logger.warn({ event: 'duplicates_removed', incident: delivery.incident, messages: others.length })
    await save({ sweepAt: null })
    return first ?? shown
  }

  const showThread = async (
    delivery: Delivery,
    incident: Incident,
    root: Address,
    message: Message,
    look: Look,
    post: Notifier['post'],
    save: Save,
  ): Promise<void> => {
    const threadShown = hashOf(message)
    if (delivery.threadTs !== undefined) {
      if (delivery.threadShown === threadShown) return
      await deps.notifier.update(message, { channel: root.channel, ts: delivery.threadTs })
      return save({ threadShown })
    }
    const key = { incident: incident.id, part: 'thread' }
    const at = (await look(key, root)) ?? (await post(message, key, { under: root, broadcast: false }))
    await save({ threadTs: at.ts, threadShown })
  }

  return {
    deliverDue,
    wake: () => wakeUp?.(),
    run: async (signal) => {
      while (!signal.aborted) {
        let done = 0
        try {
          done = await deliverDue(signal)
        } catch (error) {
          deps.logger.error({ event: 'outbox_failed', reason: messageOf(error) })
        }
        if (done > 0) continue
        const woken = new Promise<void>((resolve) => {
          wakeUp = resolve
        })
        await Promise.race([woken, delay(IDLE_MS, undefined, { signal }).catch(() => undefined)])
      }
    },
  }
}

const hashOf = (message: Message): string => contentHash([message.text, JSON.stringify(message.blocks)])
