/**
 * `[EMAIL:3f2a]`: type and 4 hex digits of HMAC-SHA256(key, value). The same value gives the same placeholder under one
 * key, so records can be correlated; without the key it says nothing about the value.
 */
import { hash } from 'node:crypto'
import { normalise } from './normalise.ts'

const FORM = /\[[A-Z][A-Z0-9_]{1,31}:[0-9a-f]{4}\]/g
const BLOCK_BYTES = 64
const HASH_BYTES = 32
/** Values up to here are hashed without a copy of their own. */
const SHORT_BYTES = 1_024

export interface Placed {
  readonly start: number
  readonly end: number
}

const NONE: readonly Placed[] = []

/** The placeholders that stand in a text already. */
export function placeholdersIn(text: string): readonly Placed[] {
  if (!text.includes('[')) return NONE
  const placed: Placed[] = []
  FORM.lastIndex = 0
  for (let match = FORM.exec(text); match !== null; match = FORM.exec(text))
    placed.push({ start: match.index, end: match.index + match[0].length })
  return placed
}

/**
 * Under one key: a maker of placeholders per text. It remembers the values of its text and no longer, so that secrets do
 * not pile up in memory. HMAC by two calls of the one-shot hash, with its result as hex: an `Hmac` object for each value
 * costs twenty times as much, a result as a Buffer three times.
 */
export function placeholders(key: Uint8Array): () => (type: string, value: string) => string {
  const block = Buffer.alloc(BLOCK_BYTES)
  block.set(key.length > BLOCK_BYTES ? Buffer.from(hash('sha256', key, 'hex'), 'hex') : key)
  const inner = Buffer.alloc(BLOCK_BYTES + SHORT_BYTES)
  inner.set(block.map((byte) => byte ^ 0x36))
  const outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES)
  outer.set(block.map((byte) => byte ^ 0x5c))
  const hashInner = (value: string): string => {
    // A UTF-16 unit has at most three bytes in UTF-8.
    if (value.length * 3 > SHORT_BYTES)
      return hash('sha256', Buffer.concat([inner.subarray(0, BLOCK_BYTES), Buffer.from(value)]), 'hex')
    const end = BLOCK_BYTES + inner.write(value, BLOCK_BYTES)
    const hashed = hash('sha256', inner.subarray(0, end), 'hex')
    inner.fill(0, BLOCK_BYTES, end)
    return hashed
  }
  function digest(value: string): string {
    outer.write(hashInner(value), BLOCK_BYTES, 'hex')
    return hash('sha256', outer, 'hex').slice(0, 4)
  }
  return () => {
    const made = new Map<string, string>()
    return (type, value) => {
      const id = `${type}:${value}`
      let placeholder = made.get(id)
      if (placeholder === undefined) {
        placeholder = `[${type}:${digest(canonical(type, normalise(value)))}]`
        made.set(id, placeholder)
      }
      return placeholder
    }
  }
}

const NUMBERS: ReadonlySet<string> = new Set(['RRN', 'FRN', 'BRN', 'CARD', 'ACCOUNT', 'DRIVER_LICENSE'])

/** Spellings of one value share a placeholder: separators of numbers and the case of an address do not count. */
function canonical(type: string, value: string): string {
  if (type === 'EMAIL') return value.toLowerCase()
  if (type === 'PHONE') return value.replace(/\D/g, '').replace(/^820?/, '0')
  return NUMBERS.has(type) ? value.replace(/[^\dA-Za-z가-힣]/g, '') : value
}
