/** Notifier: where messages go. Faults are CaliErrors: `retryable` says whether the same call may succeed later. */
import type { Message } from './message.ts'

export interface Address {
  readonly channel: string
  readonly ts: string
}

/** Marks a message as ours, to find it again when a crash hid the answer. */
export interface MessageKey {
  readonly incident: string
  /** `root`, `thread` or `regression-N`. */
  readonly part: string
}

export interface Notifier {
  readonly mode: 'bot' | 'webhook' | 'preview'
  /** False: messages cannot be edited and have no threads (webhook). */
  readonly edits: boolean
  post(
    message: Message,
    key: MessageKey,
    thread?: { readonly under: Address; readonly broadcast: boolean },
  ): Promise<Address>
  update(message: Message, at: Address): Promise<void>
  /** The messages with this key posted since `since` (Unix ms), the earliest first; none where we may not look. */
  find(key: MessageKey, since: number, under?: Address): Promise<readonly Address[]>
  /** Takes a message back. One that is gone already is no fault. */
  remove(at: Address): Promise<void>
}
