/** Reading Block Kit JSON, whose shape is only known block by block. */

export type Json = Record<string, unknown>

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const objectsIn = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isObject) : [])

export const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `{type, text}` of a composition object, or a bare string. */
export const labelIn = (value: unknown): string => (isObject(value) ? textIn(value['text']) : textIn(value))

/** Only addresses that a browser may follow. */
export const addressIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^https?:\/\//i.test(value) ? value : undefined
