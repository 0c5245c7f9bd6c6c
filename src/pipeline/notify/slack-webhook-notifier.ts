/** Slack by incoming webhook: the degraded mode. A webhook cannot edit, thread or tell where a message went. */
import { CaliError, messageOf } from '../../platform/error.ts'
import type { Notifier } from './notifier.ts'

export function createSlackWebhookNotifier(options: {
  readonly url: string
  readonly now: () => number
  readonly timeoutMs?: number
}): Notifier {
  return {
    mode: 'webhook',
    edits: false,
    post: async (message) => {
      let response: Response
      try {
        response = await fetch(options.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: JSON.stringify({
            text: message.text,
            blocks: message.blocks,
            unfurl_links: false,
            unfurl_media: false,
          }),
          signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
        })
      } catch (error) {
        throw new CaliError('slack_unreachable', `the Slack webhook cannot be reached: ${messageOf(error)}`, {
          cause: error,
          retryable: true,
        })
      }
      if (response.ok) return { channel: 'webhook', ts: String(options.now() / 1000) }
      const answer = (await response.text()).slice(0, 200)
      const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
      throw new CaliError(
        'slack_webhook_refused',
        `the Slack webhook answers ${response.status} ${answer}. Check slack.webhookUrl.`,
        {
          retryable: response.status === 429 || response.status >= 500,
          ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
        },
      )
    },
    update: async () => undefined,
    find: async () => [],
    remove: async () => undefined,
  }
}
