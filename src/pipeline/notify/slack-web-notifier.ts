/** Slack by bot token: posts, edits in place, threads, and finds its own messages again by their metadata. */
import { ErrorCode, type KnownBlock, LogLevel, WebClient } from '@slack/web-api'
import { CaliError, messageOf } from '../../platform/error.ts'
import type { Message } from './message.ts'
import type { Address, MessageKey, Notifier } from './notifier.ts'

export interface SlackWebOptions {
  readonly token: string
  readonly apiUrl: string
  readonly channel: string
  readonly timeoutMs?: number
}

const EVENT_TYPE = 'cali_incident'
const HISTORY_PAGE = 200
const HISTORY_PAGES = 5
/** Faults that a person must mend; everything else is tried again. */
const FINAL: Readonly<Record<string, string>> = {
  invalid_auth:
    'the bot token is not valid. Set slack.botToken (CALI_SLACK_BOT_TOKEN) to the token of the installed app.',
  not_authed: 'no bot token was sent. Set slack.botToken (CALI_SLACK_BOT_TOKEN).',
  account_inactive: 'the app or its workspace is deactivated.',
  token_revoked: 'the bot token was revoked. Install the app again and set slack.botToken.',
  missing_scope: 'the bot token lacks the scope chat:write.',
  channel_not_found:
    'there is no such channel, or it is private and the bot is not in it. Check slack.channel, or invite the bot: /invite @CALI',
  not_in_channel: 'the bot is not in the channel. Invite it: /invite @CALI',
  is_archived: 'the channel is archived. Choose another with slack.channel.',
  invalid_blocks: 'Slack does not accept the blocks of a message. This is a fault of CALI: please report it.',
  msg_too_long: 'a message is too long. This is a fault of CALI: please report it.',
  cant_update_message: 'the message was posted by somebody else.',
}

export function createSlackWebNotifier(options: SlackWebOptions): Notifier {
  const client = new WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
    rejectRateLimitedCalls: true,
    timeout: options.timeoutMs ?? 10_000,
  })
  // Reading history needs a scope of its own; without it a lost answer can lead to a second message.
  let mayRead = true
  // History is read by id alone, posts are taken by name as well; their answers tell the id.
  let channel = options.channel

  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw explain(error, options.channel)
    }
  }

  const body = (message: Message) => ({
    text: message.text,
    blocks: message.blocks as unknown as KnownBlock[],
    unfurl_links: false,
    unfurl_media: false,
    link_names: false,
    parse: 'none' as const,
  })

  return {
    mode: 'bot',
    edits: true,
    post: (message, key, thread) =>
      call(async () => {
        const target =
          thread === undefined
            ? {}
            : thread.broadcast
              ? { thread_ts: thread.under.ts, reply_broadcast: true as const }
              : { thread_ts: thread.under.ts }
        const answer = await client.chat.postMessage({
          channel: thread?.under.channel ?? options.channel,
          ...body(message),
          ...target,
          metadata: { event_type: EVENT_TYPE, event_payload: { incident_id: key.incident, part: key.part } },
        })
        if (thread === undefined) channel = answer.channel ?? channel
        return { channel: answer.channel ?? options.channel, ts: answer.ts ?? '' }
      }),
    update: (message, at) =>
      call(async () => void (await client.chat.update({ channel: at.channel, ts: at.ts, ...body(message) }))),
    find: async (key, since, under) => {
      if (!mayRead) return []
      try {
        return await call(() => search(client, channel, key, since, under))
      } catch (error) {
        const code = error instanceof CaliError ? error.code : ''
        if (code === 'slack_missing_scope') mayRead = false
        // A name, and nothing was posted yet that told its id.
        if (code === 'slack_missing_scope' || code === 'slack_channel_not_found') return []
        throw error
      }
    },
    remove: async (at) => {
      try {
        await call(async () => void (await client.chat.delete({ channel: at.channel, ts: at.ts })))
      } catch (error) {
        if (!(error instanceof CaliError && error.code === 'slack_message_not_found')) throw error
      }
    },
  }
}

async function search(
  client: WebClient,
  channel: string,
  key: MessageKey,
  since: number,
  under: Address | undefined,
): Promise<readonly Address[]> {
  const found: Address[] = []
  const oldest = String(Math.floor((since - 60_000) / 1000))
  let cursor: string | undefined
  for (let page = 0; page < HISTORY_PAGES; page++) {
    const request = { limit: HISTORY_PAGE, include_all_metadata: true, ...(cursor === undefined ? {} : { cursor }) }
    const answer =
      under === undefined
        ? await client.conversations.history({ channel, oldest, ...request })
        : await client.conversations.replies({ channel: under.channel, ts: under.ts, ...request })
    for (const message of answer.messages ?? []) {
      const metadata = (
        message as { metadata?: { event_type?: string; event_payload?: { incident_id?: string; part?: string } } }
      ).metadata
      if (
        metadata?.event_type === EVENT_TYPE &&
        metadata.event_payload?.incident_id === key.incident &&
        metadata.event_payload.part === key.part &&
        message.ts !== undefined
      ) {
        found.push({ channel: under?.channel ?? channel, ts: message.ts })
      }
    }
    cursor = answer.response_metadata?.next_cursor
    if (cursor === undefined || cursor === '') break
  }
  return found.sort((a, b) => Number(a.ts) - Number(b.ts))
}

function explain(error: unknown, channel: string): CaliError {
  const { code, retryAfter, data } = error as { code?: string; retryAfter?: number; data?: { error?: string } }
  if (code === ErrorCode.RateLimitedError)
    return new CaliError('slack_rate_limited', `Slack asks to wait ${retryAfter} s`, {
      cause: error,
      retryable: true,
      retryAfterMs: (retryAfter ?? 1) * 1000,
    })
  const slackError = data?.error
  if (slackError !== undefined) {
    const advice = FINAL[slackError]
    return new CaliError(`slack_${slackError}`, `Slack, channel "${channel}": ${advice ?? slackError}`, {
      cause: error,
      retryable: advice === undefined,
    })
  }
  return new CaliError('slack_unreachable', `Slack cannot be reached: ${messageOf(error)}`, {
    cause: error,
    retryable: true,
  })
}
