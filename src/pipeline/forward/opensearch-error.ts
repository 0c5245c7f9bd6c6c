/** What OpenSearch or the way to it answers, as an error with what to do. Holds no body of a request: those are log lines. */
import { CaliError } from '../../platform/error.ts'

export class OpenSearchError extends CaliError {
  /** HTTP status; undefined when none came. */
  readonly status: number | undefined
  /** OpenSearch's name of the fault, e.g. `index_not_found_exception`. */
  readonly type: string | undefined

  constructor(
    code: string,
    location: string,
    text: string,
    facts: { readonly status?: number | undefined; readonly type?: string | undefined; retryable?: boolean } = {},
  ) {
    super(code, `OpenSearch at ${location} ${text}`, { retryable: facts.retryable ?? true })
    this.name = 'OpenSearchError'
    this.status = facts.status
    this.type = facts.type
  }
}

export interface Asked {
  readonly location: string
  readonly timeoutMs: number
  readonly basic?: unknown
  readonly signed?: { readonly service: string; readonly region: string }
  readonly caFile?: string
  /** True: the whole request took longer than timeoutMs. */
  readonly late: boolean
}

interface ClientFault {
  readonly name?: string
  readonly message?: string
  readonly code?: string
  readonly statusCode?: number
  readonly body?: unknown
}

/** The fault of a whole request. Retryable: the same call may succeed without anybody changing a setting. */
export function explainOpenSearch(error: unknown, asked: Asked): OpenSearchError {
  const fault = error as ClientFault
  if (fault.name === 'TimeoutError' || asked.late)
    return new OpenSearchError(
      'opensearch_timeout',
      asked.location,
      `has not answered within ${asked.timeoutMs / 1000} s (opensearch.timeout).`,
    )
  if (fault.name === 'RequestAbortedError')
    return new OpenSearchError('opensearch_stopped', asked.location, 'was not waited for: CALI is stopping.')
  if (fault.name === 'ResponseError') return explainAnswer(fault.statusCode ?? 0, fault.body, asked)
  if (fault.name === 'DeserializationError')
    return new OpenSearchError('opensearch_garbage', asked.location, 'answers with broken JSON.')
  return explainConnection(fault, asked)
}

/** By OpenSSL's and Node's names of the fault; those without one only by their text. */
function explainConnection({ code = '', message = '' }: ClientFault, asked: Asked): OpenSearchError {
  const { location } = asked
  if (/CERT|SIGNATURE|SELF_SIGNED|ALTNAME/.test(code) || /certificate|altnames/i.test(message))
    return new OpenSearchError(
      'opensearch_certificate',
      location,
      `shows a certificate that is not trusted (${code || message}). ${
        asked.caFile === undefined
          ? 'Set opensearch.caFile to the PEM file of its certificate authority.'
          : `Check opensearch.caFile (${asked.caFile}), and that opensearch.url has the name in the certificate.`
      }`,
      { retryable: false },
    )
  if (code === 'EPROTO' || code.startsWith('ERR_SSL'))
    return new OpenSearchError(
      'opensearch_protocol',
      location,
      'speaks no TLS: opensearch.url may have to be http://.',
      {
        retryable: false,
      },
    )
  if (code === 'ENOTFOUND')
    return new OpenSearchError('opensearch_unreachable', location, 'is not known by this name: check opensearch.url.')
  if (message.startsWith('Parse Error'))
    return new OpenSearchError('opensearch_garbage', location, 'does not answer in HTTP: check opensearch.url.')
  if (code === '' && /credential/i.test(message))
    return new OpenSearchError(
      'opensearch_credentials',
      location,
      'needs AWS credentials (opensearch.service), and none were found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is attached.',
      { retryable: false },
    )
  return new OpenSearchError(
    'opensearch_unreachable',
    location,
    `cannot be reached (${code || message || 'no answer'}). Is it running, and is opensearch.url right?`,
  )
}

function explainAnswer(status: number, body: unknown, asked: Asked): OpenSearchError {
  const { location } = asked
  const { type, reason } = faultOf(body)
  const facts = { status, type }
  const said = reason === undefined ? '' : `: ${reason}`
  if (isBlocked(status, type)) return blocked(location, facts, reason)
  if (status === 401)
    return new OpenSearchError('opensearch_denied', location, `answers 401${said}. ${loginHint(asked)}`, {
      ...facts,
      retryable: false,
    })
  if (status === 403)
    return new OpenSearchError(
      'opensearch_denied',
      location,
      `answers 403${said}. ${asked.signed === undefined ? 'The role of this user needs more rights' : 'The role of these AWS credentials, or the access policy of the domain, lacks a right'}: see docs/en/opensearch.md.`,
      { ...facts, retryable: false },
    )
  if (status === 413)
    return new OpenSearchError('opensearch_too_large', location, 'takes no request of this size (413).', facts)
  if (status === 429)
    return new OpenSearchError('opensearch_busy', location, `is busy (429 ${type ?? ''})`.trimEnd(), facts)
  if (status >= 500) return new OpenSearchError('opensearch_unavailable', location, `answers ${status}${said}`, facts)
  if (type === 'validation_exception') return shardLimit(location, facts, reason)
  return new OpenSearchError('opensearch_refused', location, `answers ${status} ${type ?? ''}${said}`, {
    ...facts,
    retryable: false,
  })
}

/** A whole index or disk takes nothing for the time being: flood stage (429) or a write block (403). */
export const isBlocked = (status: number, type: string | undefined): boolean =>
  type === 'cluster_block_exception' && status !== 404

export const blocked = (
  location: string,
  facts: { readonly status: number; readonly type: string | undefined },
  reason: string | undefined,
): OpenSearchError =>
  new OpenSearchError(
    'opensearch_blocked',
    location,
    `does not take writes${reason === undefined ? '' : ` (${reason})`}. Make room on its disks, or lift the block (index.blocks.*).`,
    facts,
  )

export const shardLimit = (
  location: string,
  facts: { readonly status: number; readonly type: string | undefined },
  reason: string | undefined,
): OpenSearchError =>
  new OpenSearchError(
    'opensearch_shard_limit',
    location,
    `refuses a new index${reason === undefined ? '' : `: ${reason}`}. Raise cluster.max_shards_per_node, or lower index.retentionDays, opensearch.shards or opensearch.replicas.`,
    facts,
  )

function loginHint({ basic, signed }: Asked): string {
  if (signed !== undefined) return 'Check the AWS credentials, opensearch.service and the region (aws.region).'
  return basic === undefined
    ? 'It wants a login: set opensearch.username and opensearch.password, or opensearch.service on AWS.'
    : 'Check opensearch.username and opensearch.password.'
}

/** Type and reason of `{"error": …}`; AWS answers `{"Message": …}`. */
export function faultOf(body: unknown): { readonly type?: string; readonly reason?: string } {
  if (typeof body !== 'object' || body === null) return {}
  const { error, message, Message } = body as { error?: unknown; message?: unknown; Message?: unknown }
  const plain = [error, message, Message].find((text) => typeof text === 'string')
  if (typeof plain === 'string') return { reason: plain }
  if (typeof error !== 'object' || error === null) return {}
  const { type, reason } = error as { type?: unknown; reason?: unknown }
  return {
    ...(typeof type === 'string' ? { type } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
  }
}
