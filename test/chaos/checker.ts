/** The checker: what the producer was told is in the stream, against what came of it. Every fault in words. */
import { readArchiveObject } from '../../src/pipeline/forward/archive-object.ts'
import { EMPTY_QUERY } from '../../src/pipeline/forward/log-index.ts'
import { ledgerFaults } from '../../src/pipeline/outcome.ts'
import type { World } from './world.ts'

export async function check(world: World): Promise<readonly string[]> {
  const faults: string[] = []
  const expect = (holds: boolean, fault: string): void => void (holds || faults.push(fault))
  const readable = world.puts.filter((put) => put.readable).map((put) => `event:${put.id}`)
  const quarantine = await world.state.quarantine.list(1_000)
  // A record at which two readers in a row were ended by chance is kept unread, though another may have read it.
  const unread = quarantine.filter(({ reason }) => reason === 'ends_process').map(({ preview }) => preview)
  const keptUnread = (id: string): boolean => unread.some((text) => text.includes(`"${id.slice('event:'.length)}"`))

  const archived = new Map<string, number>()
  const positions = new Map<string, number>()
  for await (const { key } of world.objects.list('logs/')) {
    for (const { id, position } of readArchiveObject((await world.objects.get(key)) ?? new Uint8Array())) {
      archived.set(id, (archived.get(id) ?? 0) + 1)
      const at = `${position.shard} ${position.sequence}`
      positions.set(at, (positions.get(at) ?? 0) + 1)
    }
  }
  const lost = readable.filter((id) => !archived.has(id) && !keptUnread(id))
  expect(lost.length === 0, `${lost.length} acknowledged events are not in the archive: ${lost.slice(0, 5).join(', ')}`)
  const twice = [...positions].filter(([, n]) => n > 1).map(([at]) => at)
  expect(twice.length === 0, `${twice.length} records are in the archive twice: ${twice.slice(0, 5).join(', ')}`)

  const { records } = await world.index.search(EMPTY_QUERY, 1_000_000)
  const indexed = new Set(records.map((record) => record.id))
  const missing = readable.filter((id) => !indexed.has(id) && !keptUnread(id))
  expect(missing.length === 0, `${missing.length} events are not in the index: ${missing.slice(0, 5).join(', ')}`)
  expect(
    records.length === indexed.size && records.length <= readable.length,
    `${records.length} documents in the index for ${readable.length} events`,
  )
  const debts = await world.state.indexDebts.status()
  expect(debts.objects === 0, `${debts.objects} debts to the index are left`)

  const ledger = await world.state.checkpoints.ledger()
  faults.push(...ledgerFaults(ledger))
  expect(
    ledger.decode.received === world.recordCount,
    `the ledger has ${ledger.decode.received} records of the ${world.recordCount} in the stream`,
  )

  const wanted = new Map<string, number>()
  for (const { fault } of world.puts) if (fault !== undefined) wanted.set(fault, (wanted.get(fault) ?? 0) + 1)
  const incidents = await world.state.incidents.list({ limit: 1_000 })
  const counted = incidents.map(({ count }) => count).sort((a, b) => a - b)
  const expected = [...wanted.values()].sort((a, b) => a - b)
  expect(
    JSON.stringify(counted) === JSON.stringify(expected),
    `incidents count ${JSON.stringify(counted)}, the producer put ${JSON.stringify(expected)}`,
  )
  for (const incident of incidents) {
    const buckets = await world.state.incidents.buckets([incident.id], 0, Number.MAX_SAFE_INTEGER)
    const sum = buckets.reduce((total, { count }) => total + count, 0)
    expect(sum === incident.count, `incident ${incident.id} counts ${incident.count}, its minutes ${sum}`)
    const roots = world.slack.messages.filter(({ key }) => key.incident === incident.id && key.part === 'root')
    const told = incident.fold === undefined ? 1 : roots.length
    expect(roots.length === told, `incident ${incident.id} has ${roots.length} visible messages`)
  }

  const quarantined = quarantine.filter(({ reason }) => reason !== 'ends_process')
  const unreadable = world.puts.length - readable.length
  expect(
    quarantined.length === unreadable,
    `${quarantined.length} in quarantine, ${unreadable} could not be read: ${quarantined.map(({ reason, position }) => `${reason} ${position}`).join(', ')}`,
  )
  return faults
}
