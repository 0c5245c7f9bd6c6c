/** Weekly send: the report of a week reaches Slack once, however often and by however many it is sent. */
import type { Kysely } from 'kysely'
import type { Message } from '../pipeline/notify/message.ts'
import type { Address, Notifier } from '../pipeline/notify/notifier.ts'
import { CaliError } from '../platform/error.ts'
import { retry } from '../platform/retry.ts'
import type { Database } from '../state/database.ts'
import type { Week } from './iso-week.ts'

export interface Sent {
  /** `found`: by an earlier run that did not get to know; `already`: by an earlier run that did. */
  readonly outcome: 'sent' | 'found' | 'already'
  readonly channel: string
  readonly at: number
}

/** How long another run may take before its claim is taken over. Longer than a post with its waits. */
const CLAIM_MS = 180_000
const LONGEST_WAIT_MS = 30_000

interface Mark {
  /** `uncertain`: the post may have had an effect; whoever comes next looks for it first. */
  readonly state: 'sending' | 'uncertain' | 'sent'
  readonly at: number
  /** When it was tried first: no message of it is older. */
  readonly since: number
  readonly channel: string
  readonly run: string
}

/**
 * Posts the report of a week once per state, however often it is called: the week is marked in the settings before the
 * post, and the mark says sent only afterwards. `run` names this call.
 */
export async function sendWeekly(
  db: Kysely<Database>,
  { notifier, message, week, run, now }: WeeklyPost,
): Promise<Sent> {
  const key = `report.weekly.${week.name}`
  const { before, mine } = await claim(db, key, { state: 'sending', at: now, since: now, channel: '', run })
  if (before?.state === 'sent') return { outcome: 'already', channel: before.channel, at: before.at }
  const held = JSON.stringify(mine)
  const mark = (value: Partial<Mark>): Promise<unknown> =>
    db
      .updateTable('settings')
      .set({ value: JSON.stringify({ ...mine, ...value }) })
      .where('key', '=', key)
      .where('value', '=', held)
      .execute()
  const name = { incident: `weekly-${week.name}`, part: 'weekly' }
  let posted: Address | undefined
  let found: Address | undefined
  try {
    found = before === undefined ? undefined : (await notifier.find(name, mine.since))[0]
    posted =
      found ??
      (await retry({ baseMs: 1_000, capMs: LONGEST_WAIT_MS, attempts: 3 }, () => notifier.post(message, name), {
        only: (error) => isRateLimit(error) && (error.retryAfterMs ?? 0) <= LONGEST_WAIT_MS,
      }))
  } catch (error) {
    // A refusal had no effect: the week is free again. After a lost answer the next run looks before it posts.
    if (before === undefined && error instanceof CaliError && (!error.retryable || isRateLimit(error)))
      await db.deleteFrom('settings').where('key', '=', key).where('value', '=', held).execute()
    else await mark({ state: 'uncertain' })
    throw error
  }
  await mark({ state: 'sent', channel: posted.channel })
  return { outcome: found === undefined ? 'sent' : 'found', channel: posted.channel, at: now }
}

export interface WeeklyPost {
  readonly notifier: Notifier
  readonly message: Message
  readonly week: Week
  readonly run: string
  readonly now: number
}

const isRateLimit = (error: unknown): error is CaliError =>
  error instanceof CaliError && error.code === 'slack_rate_limited'

/** `before`: what an earlier run left, sent or not; undefined: nobody has tried. `mine` is what stands there now. */
async function claim(db: Kysely<Database>, key: string, mark: Mark): Promise<{ before: Mark | undefined; mine: Mark }> {
  const made = await db
    .insertInto('settings')
    .values({ key, value: JSON.stringify(mark) })
    .onConflict((oc) => oc.column('key').doNothing())
    .returning('key')
    .execute()
  if (made.length > 0) return { before: undefined, mine: mark }
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst()
  const before = row === undefined ? undefined : (JSON.parse(row.value) as Mark)
  if (before?.state === 'sent') return { before, mine: mark }
  if (row !== undefined && before !== undefined && (before.state === 'uncertain' || before.at <= mark.at - CLAIM_MS)) {
    const mine = { ...mark, since: before.since }
    const taken = await db
      .updateTable('settings')
      .set({ value: JSON.stringify(mine) })
      .where('key', '=', key)
      .where('value', '=', row.value)
      .returning('key')
      .execute()
    if (taken.length > 0) return { before, mine }
  }
  throw new CaliError(
    'report_sending',
    `another run is sending the report of ${key.slice(-8)} at this moment. Run it again in a few minutes: it is sent once.`,
    { retryable: true },
  )
}
