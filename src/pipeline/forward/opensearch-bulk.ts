/** Bulk writing: bodies within bounds, and the fate of each document read from its own status, never from the whole. */
import { batchesOf } from '../../platform/batches.ts'
import type { LogRecord } from '../record.ts'
import type { RefusedRecord } from './log-index.ts'
import type { OpenSearchClient } from './opensearch-client.ts'
import { documentId, documentOf } from './opensearch-document.ts'
import { blocked, isBlocked, OpenSearchError, shardLimit } from './opensearch-error.ts'

/** Within the 10 MiB that small domains of AWS accept. */
const MAX_BYTES = 5 * 1024 * 1024
const MIN_BYTES = 256 * 1024
const MAX_DOCUMENTS = 5_000

export interface BulkEntry {
  readonly index: string
  readonly record: LogRecord
  /** Action and document, each a line. */
  readonly lines: string
  readonly bytes: number
}

export interface BulkResult {
  readonly refused: RefusedRecord[]
  /** What was not stored and may be at the next attempt. */
  readonly again: BulkEntry[]
  /** Why there is something in `again`. */
  readonly fault?: OpenSearchError
}

/** `create`: what is there already answers 409 and stays as it is. */
export function bulkEntry(index: string, record: LogRecord): BulkEntry {
  const action = JSON.stringify({ create: { _index: index, _id: documentId(record.id) } })
  const lines = `${action}\n${JSON.stringify(documentOf(record))}\n`
  return { index, record, lines, bytes: Buffer.byteLength(lines) }
}

/** Parts that fit into one request each. Smaller ones at each further attempt: what was too much once may not be then. */
export function inParts(entries: readonly BulkEntry[], attempt: number): BulkEntry[][] {
  const bytes = Math.max(MIN_BYTES, MAX_BYTES / 2 ** (attempt - 1))
  return [...batchesOf(entries, { items: MAX_DOCUMENTS, bytes }, (entry) => entry.bytes)]
}

interface BulkAnswer {
  readonly errors?: boolean
  readonly items?: readonly Readonly<
    Record<string, { readonly status?: number; readonly error?: ItemError } | undefined>
  >[]
}

interface ItemError {
  readonly type?: string
  readonly reason?: string
}

/** Sends one part. Throws the fault of a whole request; then nothing is known of any document. */
export async function sendBulk(client: OpenSearchClient, part: readonly BulkEntry[]): Promise<BulkResult> {
  let answer: BulkAnswer
  try {
    answer = await client.call<BulkAnswer>({
      method: 'POST',
      path: '/_bulk',
      query: { filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason' },
      bulk: part.map((entry) => entry.lines).join(''),
    })
  } catch (error) {
    // A 400 for the whole body is not the documents' fault, which have statuses of their own: it must refuse none.
    if (!(error instanceof OpenSearchError) || error.status !== 413) throw error
    return sendHalves(client, part, error)
  }
  return readAnswer(client.location, part, answer)
}

/** The body was too large: halves may not be. */
async function sendHalves(
  client: OpenSearchClient,
  part: readonly BulkEntry[],
  error: OpenSearchError,
): Promise<BulkResult> {
  const [first, ...others] = part
  if (first === undefined) throw error
  if (others.length === 0) return { refused: [{ record: first.record, reason: error.message }], again: [] }
  const middle = Math.ceil(part.length / 2)
  const left = await sendBulk(client, part.slice(0, middle))
  const right = await sendBulk(client, part.slice(middle))
  const fault = left.fault ?? right.fault
  return {
    refused: [...left.refused, ...right.refused],
    again: [...left.again, ...right.again],
    ...(fault === undefined ? {} : { fault }),
  }
}

function readAnswer(location: string, part: readonly BulkEntry[], answer: BulkAnswer): BulkResult {
  if (answer.errors === false) return { refused: [], again: [] }
  const items = answer.items ?? []
  if (items.length !== part.length)
    throw new OpenSearchError(
      'opensearch_garbage',
      location,
      `answers a bulk of ${part.length} documents for ${items.length} of them.`,
    )
  const result: { refused: RefusedRecord[]; again: BulkEntry[]; fault?: OpenSearchError } = { refused: [], again: [] }
  for (const [i, entry] of part.entries()) {
    const { status = 0, error = {} } = Object.values(items[i] ?? {})[0] ?? {}
    if ((status >= 200 && status < 300) || status === 409) continue
    if (status === 400 && isDocumentFault(error.type)) {
      result.refused.push({ record: entry.record, reason: `${error.type}: ${error.reason ?? ''}` })
      continue
    }
    result.again.push(entry)
    result.fault ??= itemFault(location, entry.index, status, error)
  }
  return result
}

/** Faults of one document, which no repetition mends. All other ones are the server's, or its administrator's. */
const isDocumentFault = (type: string | undefined): boolean =>
  /^(?:mapper_parsing|document_parsing|strict_dynamic_mapping|illegal_argument|parsing|parse|x_content_parse|json_parse|input_coercion|date_time_parse|number_format|max_bytes_length_exceeded)_exception$/.test(
    type ?? '',
  )

function itemFault(location: string, index: string, status: number, { type, reason }: ItemError): OpenSearchError {
  const facts = { status, type }
  if (isBlocked(status, type)) return blocked(location, facts, reason)
  if (type === 'validation_exception') return shardLimit(location, facts, reason)
  if (status === 429) return new OpenSearchError('opensearch_busy', location, `is busy (429 ${type ?? ''}).`, facts)
  if (status === 404)
    return new OpenSearchError(
      'opensearch_missing',
      location,
      `has no index ${index} and may make none (404 ${type ?? ''}).`,
      facts,
    )
  if (status === 403)
    return new OpenSearchError('opensearch_denied', location, `does not let this user write to ${index} (403).`, facts)
  return new OpenSearchError('opensearch_refused', location, `answers ${status} ${type ?? ''} for ${index}.`, facts)
}
