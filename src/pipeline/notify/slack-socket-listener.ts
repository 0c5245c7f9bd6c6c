/**
 * Slack buttons by Socket Mode: no public address is needed. The SDK's own reconnecting ends the process on a revoked
 * token (socket-mode 3.1: the reconnect path has no catch), so the loop here connects, waits for the end, and connects
 * again; a fault is logged and waited out.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { SocketModeClient } from '@slack/socket-mode'
import { messageOf } from '../../platform/error.ts'
import type { Logger } from '../../platform/logger.ts'
import { backoffMs } from '../../platform/retry.ts'

export interface SlackAction {
  readonly action: string
  readonly value: string
  /** Name of the person, as Slack gives it. */
  readonly by: string
}

export interface SlackListenerOptions {
  readonly appToken: string
  readonly apiUrl: string
  readonly onAction: (action: SlackAction) => Promise<void>
  readonly logger: Logger
}

const RECONNECT = { baseMs: 500, capMs: 60_000, attempts: Number.POSITIVE_INFINITY }

/** Resolves when `signal` aborts. */
export async function listenToSlack(options: SlackListenerOptions, signal: AbortSignal): Promise<void> {
  for (let faults = 0; !signal.aborted; ) {
    const client = new SocketModeClient({
      appToken: options.appToken,
      autoReconnectEnabled: false,
      clientOptions: { slackApiUrl: options.apiUrl, retryConfig: { retries: 0 } },
    })
    client.on('interactive', ({ ack, body }: { ack: () => Promise<void>; body: InteractiveBody }) => {
      // Slack wants an answer within three seconds, whatever comes of it.
      ack().catch((error) => options.logger.warn({ event: 'slack_ack_failed', reason: messageOf(error) }))
      for (const action of actionsOf(body))
        options
          .onAction(action)
          .catch((error) => options.logger.error({ event: 'slack_action_failed', reason: messageOf(error) }))
    })
    const stop = (): void => void client.disconnect().catch(() => undefined)
    try {
      const closed = new Promise<void>((resolve) => {
        client.once('disconnected', () => resolve())
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await client.start()
      faults = 0
      await closed
    } catch (error) {
      if (!signal.aborted) {
        faults++
        options.logger.error({ event: 'slack_socket_failed', reason: messageOf(error), faults })
        await delay(backoffMs(RECONNECT, faults, Math.random), undefined, { signal }).catch(() => undefined)
      }
    } finally {
      stop()
    }
  }
}

interface InteractiveBody {
  readonly user?: { readonly name?: string; readonly username?: string; readonly id?: string }
  readonly actions?: readonly {
    readonly action_id?: string
    readonly value?: string
    readonly selected_option?: { readonly value?: string }
  }[]
}

function actionsOf(body: InteractiveBody): SlackAction[] {
  const by = body.user?.name ?? body.user?.username ?? body.user?.id ?? 'slack'
  return (body.actions ?? []).flatMap((action) => {
    const value = action.value ?? action.selected_option?.value
    return action.action_id === undefined || value === undefined ? [] : [{ action: action.action_id, value, by }]
  })
}
