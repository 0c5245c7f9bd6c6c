/** Deploy watch: a service that logs under a new version was deployed; seen before any rule can drop the line. */
import type { LogRecord } from '../pipeline/record.ts'
import { messageOf } from '../platform/error.ts'
import type { Logger } from '../platform/logger.ts'
import type { ChangeStore } from '../state/record-queries.ts'

export async function createDeployWatch(store: ChangeStore, logger: Logger): Promise<(record: LogRecord) => void> {
  const current = new Map(await store.versions())
  const seen = new Set([...current].map(([service, version]) => `${service}\0${version}`))
  return (record) => {
    const { version } = record.resource
    if (version === undefined) return
    const key = `${record.service}\0${version}`
    if (seen.has(key)) return
    seen.add(key)
    const previous = current.get(record.service)
    current.set(record.service, version)
    // Best effort beside the stream: a missed deploy costs a hint, never a record.
    store
      .record(record.service, version, previous, record.at)
      .catch((error) => logger.warn({ event: 'deploy_not_saved', reason: messageOf(error) }))
  }
}
