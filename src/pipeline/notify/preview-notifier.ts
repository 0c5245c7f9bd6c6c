import type { Message } from './message.ts'
import type { Address, MessageKey, Notifier } from './notifier.ts'

export interface PreviewMessage {
  readonly key: MessageKey
  readonly address: Address
  readonly under?: Address
  readonly broadcast: boolean
  message: Message
  edits: number
}

/** Keeps messages instead of sending them: the notifier without a token, and the notifier's in-memory twin. */
export function createPreviewNotifier(now: () => number): Notifier & { readonly messages: readonly PreviewMessage[] } {
  const messages: PreviewMessage[] = []
  let count = 0
  return {
    mode: 'preview',
    edits: true,
    messages,
    post: async (message, key, thread) => {
      count++
      const address = { channel: 'preview', ts: `${Math.floor(now() / 1000)}.${String(count).padStart(6, '0')}` }
      messages.push({
        key,
        address,
        message,
        edits: 0,
        broadcast: thread?.broadcast ?? false,
        ...(thread === undefined ? {} : { under: thread.under }),
      })
      // The page shows the newest; a process that runs for months keeps a bounded number.
      if (messages.length > 2_000) messages.shift()
      return address
    },
    update: async (message, at) => {
      const found = messages.find((candidate) => candidate.address.ts === at.ts)
      if (found === undefined) return
      found.message = message
      found.edits++
    },
    find: async (key) =>
      messages
        .filter((candidate) => candidate.key.incident === key.incident && candidate.key.part === key.part)
        .map((candidate) => candidate.address),
    remove: async (at) => {
      const i = messages.findIndex((candidate) => candidate.address.ts === at.ts)
      if (i >= 0) messages.splice(i, 1)
    },
  }
}
