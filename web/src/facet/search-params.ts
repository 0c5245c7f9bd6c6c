/**
 * Search parameters as plain text: `?service=a,b&from=1732442400000`, written by hand in Slack and in a terminal as
 * easily as by a click here. (The router's own format would quote "123" and guess types.)
 */

export const parseSearch = (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search))

export function stringifySearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replace(/%(2C|3A)/g, decodeURIComponent)}`)
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

interface Reader {
  text(name: string): string | undefined
  moment(name: string): number | undefined
}

/** Builds a route's validateSearch: unknown parameters are dropped, wrong ones ignored, absent ones absent. */
export function searchReader<T extends Record<string, string | number | undefined>>(
  read: (reader: Reader) => T,
): (input: Record<string, unknown>) => { [K in keyof T]?: Exclude<T[K], undefined> | undefined } {
  return (input) => {
    const text = (name: string): string | undefined => {
      const value = input[name]
      return value === undefined || value === '' ? undefined : String(value)
    }
    const moment = (name: string): number | undefined => {
      const at = Number(text(name))
      return Number.isFinite(at) && at > 0 ? at : undefined
    }
    const found = read({ text, moment })
    return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as {
      [K in keyof T]?: Exclude<T[K], undefined>
    }
  }
}

export const splitList = (text: string | undefined): string[] =>
  text === undefined ? [] : text.split(',').filter(Boolean)

export const joinList = (values: readonly string[]): string | undefined =>
  values.length === 0 ? undefined : values.join(',')
