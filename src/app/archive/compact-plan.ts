/**
 * Compaction plan: which archive objects of a day go into which Parquet parts. Plans of a day are numbered, and each number
 * is written once (`putIfAbsent`): whoever loses reads what the winner planned and plans what is left. So every object of
 * the day is in exactly one part, however often, and by however many at once, the day is compacted.
 */
import { z } from 'zod'
import type { ObjectStore } from '../../pipeline/forward/object-store.ts'
import { CaliError } from '../../platform/error.ts'
import { type FoundObject, readBytes } from './browse.ts'

export const COMPACT_ROOT = 'compact/v1/'
const FORMAT = 'cali-compaction/1'
/** Compressed bytes of archive objects in a part; its Parquet file is about as large. */
const PART_BYTES = 64 * 1024 * 1024

const planSchema = z.object({
  format: z.literal(FORMAT),
  parts: z
    .array(z.object({ key: z.string(), sources: z.array(z.object({ key: z.string(), bytes: z.number() })).min(1) }))
    .min(1),
})

export type CompactionPlan = z.output<typeof planSchema>
export type PlannedPart = CompactionPlan['parts'][number]

/** Folder of a day's parts. Athena and Hive pass over names that begin with `_`, as those of plans do. */
export const dayFolder = (date: string): string => `${COMPACT_ROOT}dt=${date}/`
const planKey = (date: string, n: number): string => `${dayFolder(date)}_plan-${String(n).padStart(5, '0')}.json`

/** All plans of a day, in their order. */
export async function readPlans(store: ObjectStore, date: string): Promise<CompactionPlan[]> {
  const plans: CompactionPlan[] = []
  for (let n = 1; ; n++) {
    const bytes = await readBytes(store, planKey(date, n))
    if (bytes === undefined) return plans
    plans.push(parsePlan(bytes, `${store.location}: ${planKey(date, n)}`))
  }
}

function parsePlan(bytes: Uint8Array, where: string): CompactionPlan {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    value = undefined
  }
  const plan = planSchema.safeParse(value)
  if (plan.success) return plan.data
  throw new CaliError(
    'compaction_plan_unreadable',
    `${where} is no plan of a compaction that this version knows (${FORMAT}): another version or another program wrote it. Move the folder aside to compact the day anew.`,
  )
}

/** Writes the next plan of the day. False: somebody else wrote a plan of that number. */
export const writePlan = (store: ObjectStore, date: string, n: number, plan: CompactionPlan): Promise<boolean> =>
  store.putIfAbsent(planKey(date, n), Buffer.from(`${JSON.stringify(plan)}\n`))

/** Objects in the order given, neighbours together. */
export function planParts(date: string, n: number, sources: readonly FoundObject[]): CompactionPlan {
  const parts: { key: string; sources: { key: string; bytes: number }[] }[] = []
  let size = Number.POSITIVE_INFINITY
  for (const { key, bytes } of sources) {
    if (size + bytes > PART_BYTES) {
      const name = `part-${String(n).padStart(5, '0')}-${String(parts.length + 1).padStart(5, '0')}.parquet`
      parts.push({ key: `${dayFolder(date)}${name}`, sources: [] })
      size = 0
    }
    parts.at(-1)?.sources.push({ key, bytes })
    size += bytes
  }
  return { format: FORMAT, parts }
}
