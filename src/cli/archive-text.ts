/** What `cali archive` says to people. Keys and details may come from strangers: they are printed as plain text. */
import type { ArchiveSelection, ObjectFault } from '../app/archive/browse.ts'
import type { ListedArchiveObject } from '../app/archive/list.ts'
import type { Verification } from '../app/archive/verify.ts'
import { dim, green, padEnd, plain, red, yellow } from './terminal.ts'

export const count = (n: number): string => n.toLocaleString('en-US')

export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const step = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1)
  const value = bytes / 1_024 ** step
  return `${step === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}

const time = (at: number | undefined): string =>
  at === undefined ? '-' : new Date(at).toISOString().replace(/\.000Z$/, 'Z')

export const objectText = (object: ListedArchiveObject): string =>
  [
    `  ${padEnd(`${time(object.from)} – ${time(object.to)}`, 51)}`,
    `${(object.records === undefined ? '?' : count(object.records)).padStart(9)} records`,
    size(object.bytes).padStart(9),
    ` ${plain(object.key)}`,
    object.fault === undefined ? '' : red(` ${plain(object.fault)}`),
  ].join('')

/** An object that a command had to pass over. */
export const faultText = ({ key, detail }: ObjectFault): string =>
  yellow(`  passed over: ${plain(key)}: ${plain(detail)}`)

export const placeText = (location: string, { stream, shard }: ArchiveSelection): string =>
  `at ${plain(location)}${stream === undefined ? '' : ` of stream ${plain(stream)}`}${shard === undefined ? '' : `, shard ${plain(shard)}`}`

/** What the books say beside what is there, in words. */
export function booksText(archived: number, counted: number): string {
  if (archived === counted) return green(`the books of this state say the same: ${count(counted)} records`)
  if (archived > counted)
    return `the books of this state know ${count(counted)} of them: the archive is older than the state, is written by others too, or senders over HTTP repeated themselves`
  return yellow(
    `the books of this state count ${count(counted - archived)} records more (${count(counted)}): the archive was off or elsewhere for a time, objects have expired, or objects are missing`,
  )
}

export function verificationText({ shards, faults }: Verification): string[] {
  const lines = shards.map(
    ({ stream, shard, objects, records, bytes, first, last, withoutFacts }) =>
      `  ${plain(`${stream}/${shard}`)}: ${count(objects)} objects, ${count(records)} records, ${size(bytes)}, sequences ${first} to ${last}${
        withoutFacts === 0
          ? ''
          : dim(` (${count(withoutFacts)} objects without facts: checked by their contents alone)`)
      }`,
  )
  for (const { code, key, detail } of faults)
    lines.push(`  ${red(`✗ ${code}`)}  ${plain(key)}`, `      ${plain(detail)}`)
  const total = shards.reduce((sum, shard) => sum + shard.records, 0)
  const objects = shards.reduce((sum, shard) => sum + shard.objects, 0)
  lines.push(
    faults.length === 0
      ? green(`  ✓ ${count(objects)} objects with ${count(total)} records are as they were written`)
      : red(`  ${count(faults.length)} faults in ${count(objects)} objects with ${count(total)} records`),
  )
  return lines
}
