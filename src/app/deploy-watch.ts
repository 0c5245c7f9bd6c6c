/** Deploy watch: a service that logs under a new version was deployed; seen before any rule can drop the line. */
import type { RecordHead } from '../pipeline/record.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { ChangeStore } from '../state/record-queries.ts'

/** Names and versions come from the log: a hostile one must not fill the memory. */
const MAX_VERSIONS = 50_000

export async function createDeployWatch(store: ChangeStore, logger: Logger): Promise<(head: RecordHead) => void> {
  const current = new Map(await store.versions())
  const seen = new Set([...current].map(([service, version]) => `${service}\0${version}`))
  return (head) => {
    const { service } = head
    const { version } = head.resource
    if (version === undefined || current.get(service) === version) return
    const key = `${service}\0${version}`
    if (seen.has(key) || seen.size >= MAX_VERSIONS) return
    seen.add(key)
    const previous = current.get(service)
    current.set(service, version)
    // Best effort beside the stream: a missed deploy costs a hint, never a record.
    store
      .record(service, version, previous, head.at)
      .catch((error) => logger.warn({ event: 'deploy_not_saved', reason: messageOf(error) }))
  }
}
