/** Quarantine: what could not be read, with its bytes as received, so that nothing is lost and anybody can see why. */
import type { Rejection } from '../pipeline/batch.ts'
import type { Redactor } from '../pipeline/filter/redact/redactor.ts'
import { keyPart, type ObjectStore } from '../pipeline/forward/object-store.ts'
import { contentHash } from '../platform/hash.ts'
import type { QuarantineStore } from '../state/record-queries.ts'

const PREVIEW_BYTES = 4_096
const PREVIEW_CHARS = 500

/** Pieces of one source record that are kept each by itself for one reason; beyond that all of them are one. */
const MOST_ALONE = 20

export function createQuarantine(deps: {
  readonly objects: ObjectStore
  readonly store: QuarantineStore
  readonly redactor: Redactor
}): (rejections: readonly Rejection[]) => Promise<void> {
  return async (rejections) => {
    for (const rejection of together(rejections)) {
      const position = `${rejection.stream}/${rejection.shard}:${rejection.sequence}:${rejection.sub}:${rejection.line}`
      const day = new Date(rejection.arrivedAt).toISOString().slice(0, 10)
      const objectKey = `quarantine/v1/${keyPart(rejection.stream)}/${keyPart(rejection.shard)}/dt=${day}/${keyPart(rejection.sequence)}-${rejection.sub}-${rejection.line}-${rejection.reason}.bin`
      await deps.objects.putIfAbsent(objectKey, rejection.bytes)
      const text = new TextDecoder().decode(rejection.bytes.subarray(0, PREVIEW_BYTES))
      await deps.store.add({
        id: contentHash([position, rejection.reason], 24),
        at: rejection.arrivedAt,
        reason: rejection.reason,
        detail: deps.redactor.redact(rejection.detail),
        position,
        preview: deps.redactor
          .redact(text)
          .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '·')
          .slice(0, PREVIEW_CHARS)
          .toWellFormed(),
        objectKey,
        bytes: rejection.bytes.length,
      })
    }
  }
}

/**
 * A record of a few kilobytes may inflate to 100,000 pieces that cannot be read. An object and a row of each would hold up
 * its shard for hours: they are kept as one, with all their bytes, a piece per line.
 */
function together(rejections: readonly Rejection[]): Rejection[] {
  const byRecord = Map.groupBy(rejections, ({ stream, shard, sequence, reason }) =>
    JSON.stringify([stream, shard, sequence, reason]),
  )
  return [...byRecord.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || group.length <= MOST_ALONE) return group
    const bytes = Buffer.concat(group.flatMap((one) => [one.bytes, NEWLINE]))
    return [{ ...first, bytes, detail: `${first.detail} (the first of ${group.length} of this record)` }]
  })
}

const NEWLINE = Buffer.from('\n')
