/** The service that the name of a log file tells: `order.log.3.gz`, `order-2026-01-20.log`, the file of a pod's container. */

const ENDINGS = /(?:\.(?:gz|zst|log|txt|json|jsonl|ndjson|out|err|\d{1,4}))+$/
const POD_FILE = /^([a-z0-9-]+)_[a-z0-9-]+_[a-z0-9-]+-[0-9a-f]{64}$/
/** What a ReplicaSet and its pod add to the name of a Deployment. */
const POD_SUFFIX = /-[a-z0-9]{8,10}-[a-z0-9]{5}$/
const DATE_SUFFIX = /[-_.]?\d{4}-?\d{2}-?\d{2}.*$/

/** Undefined when the name says nothing. */
export function serviceOfFile(path: string): string | undefined {
  const name = (path.split(/[\\/]/).at(-1) ?? path).replace(ENDINGS, '')
  const pod = POD_FILE.exec(name)?.[1] ?? name
  return pod.replace(POD_SUFFIX, '').replace(DATE_SUFFIX, '') || undefined
}
