/** Fault: what is wrong with a configuration, in a sentence that names place, key, what was read and what is accepted. */
import type { z } from 'zod'

export interface FaultContext {
  /** Where a value comes from, for people: `cali.yaml:3`, `environment CALI_SERVER_PORT`. */
  placeOf(path: readonly PropertyKey[]): string
  valueAt(path: readonly PropertyKey[]): unknown
  /** All settings, as dotted paths. */
  readonly known: readonly string[]
  /** Those that are never printed. */
  readonly secrets: ReadonlySet<string>
}

export function describeIssue(issue: z.core.$ZodIssue, context: FaultContext): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const guess = nearest(path.join('.'), withSections(context.known))
      return `${context.placeOf(path)}: there is no setting ${path.join('.')}${guess === undefined ? '' : `. Did you mean ${guess}?`}`
    })
  }
  const path = issue.path.join('.')
  const value = context.valueAt(issue.path)
  const read =
    value === undefined
      ? 'is not set'
      : holdsSecret(path, context.secrets)
        ? 'is set to something that is not accepted'
        : `is ${JSON.stringify(value)}`
  return [`${context.placeOf(issue.path)}: ${path} ${read}: ${issue.message}`]
}

/** A value above a secret may hold it, such as a token that was put where the section stands. */
const holdsSecret = (path: string, secrets: ReadonlySet<string>): boolean =>
  [...secrets].some(
    (secret) => path === '' || secret === path || secret.startsWith(`${path}.`) || path.startsWith(`${secret}.`),
  )

const withSections = (known: readonly string[]): readonly string[] => [
  ...new Set(known.flatMap((path) => path.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.')))),
]

function nearest(wanted: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((path) => ({ path, distance: editDistance(wanted.toLowerCase(), path.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  return best !== undefined && best.distance <= Math.max(2, wanted.length / 3) ? best.path : undefined
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(
          (row[j] as number) + 1,
          (next[j - 1] as number) + 1,
          (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      )
    }
    row = next
  }
  return row[b.length] as number
}
