import type { z } from 'zod'
import type { System } from '../app/system.ts'
import type { Incident, Report } from '../pipeline/incident.ts'
import { renderEscalation, renderRoot, renderThread } from '../pipeline/notify/incident-message.ts'
import type { Message } from '../pipeline/notify/message.ts'
import type { notificationSchema } from './schema.ts'

export type NotificationView = z.output<typeof notificationSchema>

/** The incident's message, made by the very code that sends it; undefined before anything asked for it. */
export async function notificationOf(
  incident: Incident,
  report: Report,
  system: System,
): Promise<NotificationView | undefined> {
  const { db } = system.state
  const row = await db
    .selectFrom('outbox')
    .leftJoin('notifications', 'notifications.incident_id', 'outbox.incident_id')
    .select(['wanted', 'done', 'fault', 'channel', 'ts', 'posted_at', 'broadcasts'])
    .where('outbox.incident_id', '=', incident.id)
    .executeTakeFirst()
  // Folded before it was told: there is no message of its own.
  if (row === undefined || (incident.fold !== undefined && row.posted_at === null)) return undefined
  const at = system.messageContext
  const followers = await system.state.incidents.list({ foldedUnder: incident.id, limit: 200 })
  const root = renderRoot(incident, report, at, followers)
  const moved = incident.fold !== undefined || incident.mergedInto !== undefined
  const replies =
    system.notifier.edits && !moved ? [{ ...plain(renderThread(incident, report, at)), broadcast: false }] : []
  if ((row.broadcasts ?? 0) > 0)
    replies.push({
      ...plain(renderEscalation(incident, incident.regressions > 0 ? 'regressed' : 'spike', at)),
      broadcast: true,
    })
  return {
    incident: incident.id,
    mode: system.notifier.mode,
    ...plain(root),
    thread: replies,
    pending: Number(row.wanted) > Number(row.done),
    ...(row.channel === null ? {} : { channel: row.channel }),
    ...(row.ts === null ? {} : { ts: row.ts }),
    ...(row.posted_at === null ? {} : { postedAt: Number(row.posted_at) }),
    ...(row.fault === null || row.fault === '' ? {} : { fault: row.fault }),
  }
}

const plain = (message: Message) => ({ text: message.text, blocks: message.blocks.map((block) => ({ ...block })) })
