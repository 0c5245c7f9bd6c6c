/** Store: the ports behind which incidents, messages to send, checkpoints and the ledger are kept. */
import { CaliError } from '../platform/error.ts'
import type { Fingerprint, Fold, Incident, IncidentSeverity, IncidentState, Report, UiLanguage } from './incident.ts'
import type { LedgerTally } from './outcome.ts'
import type { LogRecord } from './record.ts'

export interface GroupedEvent {
  readonly record: LogRecord
  readonly fingerprint: Fingerprint
}

/** What one batch does to one incident. `incident` is the whole new value. */
export interface IncidentChange {
  readonly incident: Incident
  readonly kind: 'opened' | 'counted' | 'regressed'
  /** Fingerprints that from now on belong to this incident, beside its own. */
  readonly aliases: readonly string[]
  /** Incidents that have proved to be this one: their counts are in `incident` already. */
  readonly absorbed: readonly Incident[]
  /** Events per minute that the batch adds: minute (Unix ms / 60,000) to count. */
  readonly buckets: ReadonlyMap<number, number>
  readonly samples: readonly LogRecord[]
}

export interface PlanInput {
  /** Incidents of the fingerprints at hand and of their kin, by fingerprint; aliases and merges are resolved. */
  readonly current: ReadonlyMap<string, Incident>
  /** Fingerprints that a person has split off: they join nothing by themselves. */
  readonly apart: ReadonlySet<string>
  /** Events not counted before. */
  readonly fresh: readonly GroupedEvent[]
  /** Events that a minute holds already. */
  readonly counted: (incident: string, minute: number) => number
  /** Incidents that began near the events that may open one: what they may be folded under, or fold. */
  readonly near: readonly Incident[]
  /** The usual rate of an incident in the hour of the week of a minute; undefined for one too young to have one. */
  readonly usual: (incident: string, minute: number) => { readonly median: number; readonly mad: number } | undefined
}

export interface Plan {
  readonly changes: readonly IncidentChange[]
  /** Incidents that are there already whose message is told elsewhere from now on, or their own again: a cause came late. */
  readonly folded: readonly { readonly incident: Incident; readonly fold: Fold | undefined }[]
}

/** Pure: what is known and what is new, to what changes. */
export type IncidentPlanner = (input: PlanInput) => Plan

/** How far around an event `near` reaches, milliseconds. */
export const NEAR_MS = 180_000

export interface ApplyResult {
  readonly changes: readonly IncidentChange[]
  /** Ids of events that another delivery had already counted (a producer's re-send): not counted again. */
  readonly duplicates: ReadonlySet<string>
}

export interface IncidentStore {
  /**
   * One transaction: remembers the event ids, plans with the fresh ones, writes incidents, samples, buckets and the
   * outbox. Atomic: after a crash either all of it is there or nothing. An id seen before at the same position is a
   * replay (counted already, not a duplicate); at another position it is a duplicate.
   */
  apply(events: readonly GroupedEvent[], plan: IncidentPlanner): Promise<ApplyResult>
}

export interface IncidentQuery {
  readonly states?: readonly IncidentState[]
  readonly severities?: readonly IncidentSeverity[]
  readonly services?: readonly string[]
  readonly namespaces?: readonly string[]
  readonly versions?: readonly string[]
  /** Words that title, service or template must contain. */
  readonly text?: string
  /** Folded under this incident. */
  readonly foldedUnder?: string
  /** Overlap with [firstSeen, lastSeen], Unix milliseconds. */
  readonly from?: number
  readonly to?: number
  readonly limit?: number
}

export interface IncidentReader {
  /** Newest activity first. */
  list(query: IncidentQuery): Promise<readonly Incident[]>
  get(id: string): Promise<Incident | undefined>
  /** The incident that counts what has this fingerprint, also when it was merged into it. */
  withFingerprint(fingerprint: string): Promise<Incident | undefined>
  samples(id: string): Promise<readonly LogRecord[]>
  /** Count per minute, ascending. */
  buckets(
    ids: readonly string[],
    from: number,
    to: number,
  ): Promise<readonly { incident: string; minute: number; count: number }[]>
}

export interface IncidentPatch {
  readonly state?: IncidentState
  readonly acknowledgedBy?: string
  readonly resolvedBy?: string
  /** null ends a mute. */
  readonly mutedUntil?: number | null
  readonly title?: string
}

export interface IncidentWriter {
  /** Changes an incident, writes the audit row and asks for its message to be brought up to date. Undefined: no such id. */
  patch(id: string, patch: IncidentPatch, actor: string, at: number): Promise<Incident | undefined>
  /** Moves incidents without an event since `before` to quiet; returns them. */
  quiet(before: number, at: number): Promise<readonly Incident[]>
}

/** One kind of error within an incident. */
export interface IncidentMember {
  readonly fingerprint: string
  readonly template: string
  readonly count: number
  /** The kind that opened the incident: it cannot be split off. */
  readonly own: boolean
  /** Id of the incident that it was before it was merged. */
  readonly incident?: string
}

export type GroupingFault =
  | 'no_such_incident'
  | 'same_incident'
  | 'merged_elsewhere'
  | 'own_fingerprint'
  | 'no_such_member'

/** The changed incident, or what stands against the change and on which incident. Nothing is changed then. */
export type GroupingResult = { readonly incident: Incident } | { readonly fault: GroupingFault; readonly id: string }

/** What a person decides over the grouping: it survives restarts and is applied to all that comes after. */
export interface IncidentGrouping {
  /** Makes other incidents part of one. */
  merge(into: string, others: readonly string[], actor: string, at: number): Promise<GroupingResult>
  /** Takes one kind out of an incident for good: from now on it joins nothing by itself. */
  split(id: string, fingerprint: string, actor: string, at: number): Promise<GroupingResult>
  /** The kinds that an incident consists of, its own first. */
  members(id: string): Promise<readonly IncidentMember[]>
}

/** One worker's hold on a delivery. Each claim has a number of its own: who holds an older one has lost it. */
export interface Claim {
  readonly incident: string
  readonly claim: number
}

/** State of an incident's message. One row per incident: the outbox is level-triggered, so edits fold by themselves. */
export interface Delivery extends Claim {
  readonly attempt: number
  /** Address of the root message once it is posted. */
  readonly channel?: string
  readonly ts?: string
  readonly threadTs?: string
  /** Content hash of what the message shows. */
  readonly shown?: string
  readonly threadShown?: string
  readonly broadcasts: number
  readonly firstAttemptAt?: number
  readonly postedAt?: number
  /** When it is to be looked whether the message was posted twice. */
  readonly sweepAt?: number
  /** Version of the incident that asked for delivery. */
  readonly wanted: number
  readonly lineAt: number
}

export type Progress = Partial<Omit<Delivery, 'incident' | 'claim' | 'attempt' | 'wanted' | 'lineAt' | 'sweepAt'>> & {
  /** null: looked. */
  readonly sweepAt?: number | null
}

export interface Outbox {
  /** Claims deliveries that are due, or due to be looked after, oldest first, for `leaseMs`; nobody else gets them meanwhile. */
  claim(now: number, leaseMs: number, limit: number): Promise<readonly Delivery[]>
  /** Saves progress without ending the claim. False, and nothing saved: the claim is lost, somebody else delivers. */
  progress(claim: Claim, done: Progress): Promise<boolean>
  /** Ends the claim: shown up to `wanted`; a newer wish makes it due again, not before `notBefore`. No effect on a lost one. */
  settle(claim: Claim, wanted: number, notBefore: number): Promise<void>
  /** Ends the claim after a fault: due again at `notBefore`. No effect on a lost one. */
  postpone(claim: Claim, notBefore: number, reason: string): Promise<void>
  /** Ends the claims that this worker held before it was started anew. */
  releaseClaims(): Promise<void>
  /** Asks for a look at `at` whether the message was posted twice: by who lost its claim with a post under way. */
  sweep(incident: string, at: number): Promise<void>
  /** Asks for a message to be brought up to date. */
  want(incident: string): Promise<void>
  status(now: number): Promise<{
    readonly pending: number
    readonly oldestPendingAt?: number
    readonly posted: number
    readonly lastFault?: string
    readonly lineToMessageMs: readonly number[]
  }>
}

export interface ReportStore {
  save(incident: string, report: Report): Promise<void>
  /** The best report in a language: a model's before the rules'. */
  best(incident: string, language: UiLanguage): Promise<Report | undefined>
}

export interface Checkpoint {
  /** Names one life of a stream: an emulator that forgets starts a new one. */
  readonly incarnation: string
  readonly shard: string
  readonly sequence: string
}

/** Another reader of the shard has moved its checkpoint: whoever is told so has lost the shard and reads on no further. */
export class CheckpointMoved extends CaliError {
  constructor({ shard }: Pick<Checkpoint, 'shard'>, found: string | undefined) {
    super(
      'checkpoint_moved',
      `another reader has moved the checkpoint of ${shard} to ${found ?? 'its beginning'}: this one leaves the shard to it`,
    )
  }
}

export interface CheckpointStore {
  /** Sequence of the last record that is done, by shard. */
  load(stream: string, incarnation: string): Promise<ReadonlyMap<string, string>>
  /**
   * One transaction: moves the checkpoint from `after` (undefined: there was none) and adds the counts of exactly the
   * records between. Repeated after a lost answer it changes nothing. Throws CheckpointMoved when it stands elsewhere.
   */
  save(
    stream: string,
    checkpoint: (Checkpoint & { readonly after: string | undefined }) | undefined,
    tally: LedgerTally,
  ): Promise<void>
  ledger(): Promise<LedgerTally>
}

/** An archive object that the log index has not seen. */
export interface IndexDebt {
  readonly objectKey: string
  /** Records in it that the index is to have. */
  readonly records: number
  /** Arrival of its first record, Unix milliseconds. */
  readonly arrivedAt: number
}

/** What is owed to the log index: noted before the checkpoint moves, paid from the archive, oldest first. */
export interface IndexDebtStore {
  /** Durable when it resolves. An object that is noted already stays as it is. */
  note(debts: readonly IndexDebt[], at: number): Promise<void>
  /** The oldest debt that nobody pays at the moment; it is this caller's for `leaseMs`. */
  claim(now: number, leaseMs: number): Promise<IndexDebt | undefined>
  /** Paid: forgets it. */
  settle(objectKey: string): Promise<void>
  /** Not paid: anybody may try from `notBefore` on. */
  postpone(objectKey: string, notBefore: number, fault: string): Promise<void>
  status(): Promise<IndexDebtStatus>
}

export interface IndexDebtStatus {
  readonly objects: number
  readonly records: number
  /** Arrival of the oldest record that is owed. */
  readonly oldestAt?: number
  readonly lastFault?: string
}

/** One shard of one life of a stream. */
export interface ShardPlace {
  readonly stream: string
  readonly incarnation: string
  readonly shard: string
}

export interface TakeUp {
  readonly times: number
  readonly suspect?: { readonly sequence: string; readonly times: number }
}

/** How often a shard was taken up at one place without getting on: by it a record that ends the process is found. */
export interface TakeUpStore {
  /**
   * Notes that a reader begins behind `after`. Tells how often in a row one did so there, which record the last one was
   * reading alone when it ended, and how many readers in a row had come to that.
   */
  begin(place: ShardPlace, after: string | undefined): Promise<TakeUp>
  /**
   * The reader reads this record alone now, as the nth in a row; undefined: it has read it. Durable before it is read.
   */
  mark(place: ShardPlace, suspect: TakeUp['suspect']): Promise<void>
  /** The reader ends because it was asked to: that is no crash. */
  end(place: ShardPlace): Promise<void>
}

/** What became of a batch. */
export interface Delivered {
  /** Resolves when every effect of the batch is durable and its checkpoint is saved; rejects when it cannot be. */
  readonly durable: Promise<void>
  /** Records by outcome, for sources that answer their sender. */
  readonly accepted: number
  readonly rejected: number
}
