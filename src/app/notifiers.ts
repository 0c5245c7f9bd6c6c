import type { Notifier } from '../pipeline/notify/notifier.ts'
import { createPreviewNotifier } from '../pipeline/notify/preview-notifier.ts'
import { createSlackWebNotifier } from '../pipeline/notify/slack-web-notifier.ts'
import { createSlackWebhookNotifier } from '../pipeline/notify/slack-webhook-notifier.ts'
import type { Clock } from '../platform/clock.ts'
import type { Config } from './config.ts'

/** Bot token before webhook before preview. */
export function pickNotifier(config: Config, clock: Clock): Notifier {
  const { slack } = config
  if (slack.botToken !== undefined)
    return createSlackWebNotifier({ token: slack.botToken, apiUrl: slack.apiUrl, channel: slack.channel })
  if (slack.webhookUrl !== undefined) return createSlackWebhookNotifier({ url: slack.webhookUrl, now: clock.now })
  return createPreviewNotifier(clock.now)
}
