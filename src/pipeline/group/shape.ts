/**
 * Shape: the tokens of a pattern as text, one per array item, its first character the kind: `=` word, `.` mark, `-` stem,
 * `*` parameter. It is kept with the pattern, so that what is learned from messages survives the process.
 */
import { MAX_TOKENS } from './token.ts'
import { hashOfToken } from './token-hash.ts'
import { KIND, type Kind } from './token-kind.ts'
import type { KeptTokens } from './variant.ts'

const SIGN = '=.-*'

export const shapeOf = ({ kind, text }: KeptTokens): string =>
  JSON.stringify(text.map((word, i) => ((kind[i] as number) > KIND.stem ? '*' : `${SIGN[kind[i] as number]}${word}`)))

/** Undefined for text that is no shape. */
export function tokensOfShape(shape: string): KeptTokens | undefined {
  let items: unknown
  try {
    items = JSON.parse(shape)
  } catch {
    return undefined
  }
  if (!Array.isArray(items) || items.length > MAX_TOKENS) return undefined
  const kinds: Kind[] = []
  const text: string[] = []
  for (const item of items) {
    const kind = typeof item === 'string' && item !== '' ? SIGN.indexOf(item[0] as string) : -1
    if (kind === -1) return undefined
    kinds.push(kind as Kind)
    text.push(kind === KIND.id ? '*' : (item as string).slice(1))
  }
  return {
    kind: Uint8Array.from(kinds),
    hash: Int32Array.from(kinds.map((kind, i) => hashOfToken(kind, text[i] as string))),
    text,
  }
}
