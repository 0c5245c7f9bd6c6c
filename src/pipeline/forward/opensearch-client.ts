/** Client of OpenSearch: the one place that asks it. Bounds the time of a whole answer, and says in words what is wrong. */
import { readFileSync } from 'node:fs'
import { Client, type ClientOptions, Connection } from '@opensearch-project/opensearch'
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3'
import { CaliError, messageOf } from '../../platform/error.ts'
import { explainOpenSearch, OpenSearchError } from './opensearch-error.ts'

export interface OpenSearchAddress {
  /** Without credentials. */
  readonly url: string
  readonly basic?: { readonly username: string; readonly password: string }
  /** Signs with AWS credentials of the default chain, or with those given. */
  readonly signed?: {
    readonly service: 'es' | 'aoss'
    readonly region: string
    readonly credentials?: () => Promise<{ accessKeyId: string; secretAccessKey: string; sessionToken?: string }>
  }
  /** Path of a PEM file. */
  readonly caFile?: string
  /** For a whole request with its answer. */
  readonly timeoutMs: number
  /** Ends requests under way. */
  readonly signal?: AbortSignal
}

export interface OpenSearchRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** Lines of a bulk request, each ended. */
  readonly bulk?: string
}

export interface OpenSearchClient {
  /** Address for people. */
  readonly location: string
  readonly service: 'es' | 'aoss' | undefined
  /** The parsed answer; throws an OpenSearchError. Never tries a second time: a bulk may have been done all the same. */
  call<T>(request: OpenSearchRequest): Promise<T>
  close(): Promise<void>
}

export function createOpenSearchClient(address: OpenSearchAddress): OpenSearchClient {
  const client = new Client(clientOptions(address))
  const location = address.url.replace(/\/+$/, '')
  return {
    location,
    service: address.signed?.service,
    call: async <T>({ method, path, query, body, bulk }: OpenSearchRequest): Promise<T> => {
      const asked = client.transport.request(
        {
          method,
          path,
          ...(query === undefined ? {} : { querystring: query }),
          ...(body === undefined ? {} : { body }),
          ...(bulk === undefined ? {} : { bulkBody: bulk }),
        },
        { requestTimeout: address.timeoutMs, maxRetries: 0 },
      )
      let late = false
      // The client's own time-out ends with the first byte of an answer: one that stalls behind it would wait for ever.
      const timer = setTimeout(() => {
        late = true
        asked.abort()
      }, address.timeoutMs)
      const stop = (): void => void asked.abort()
      address.signal?.addEventListener('abort', stop, { once: true })
      if (address.signal?.aborted === true) stop()
      try {
        const answer: unknown = (await asked).body
        if (typeof answer !== 'object' || answer === null)
          throw new OpenSearchError('opensearch_garbage', location, 'answers with something that is not OpenSearch')
        return answer as T
      } catch (error) {
        throw error instanceof OpenSearchError ? error : explainOpenSearch(error, { ...address, location, late })
      } finally {
        clearTimeout(timer)
        address.signal?.removeEventListener('abort', stop)
      }
    },
    close: () => client.close(),
  }
}

function clientOptions({ url, basic, signed, caFile, timeoutMs }: OpenSearchAddress): ClientOptions {
  const signer =
    signed === undefined
      ? undefined
      : AwsSigv4Signer({
          region: signed.region,
          service: signed.service,
          ...(signed.credentials === undefined ? {} : { getCredentials: signed.credentials }),
        })
  return {
    ...signer,
    node: url,
    Connection: quiet(signer?.Connection ?? Connection),
    ...(basic === undefined ? {} : { auth: basic }),
    ...(caFile === undefined ? {} : { ssl: { ca: readCa(caFile) } }),
    requestTimeout: timeoutMs,
    // Its retries come at once and send a bulk up to four times: retrying is platform/retry.ts's.
    maxRetries: 0,
    // A label of a log may be called __proto__; nothing here merges objects by their keys.
    disablePrototypePoisoningProtection: true,
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CaliError(
      'config_invalid',
      `opensearch.caFile is "${path}", which cannot be read: ${messageOf(error)}. A PEM file is accepted.`,
    )
  }
}

/**
 * The client's connection, without two of its habits: it prints faults behind an answer on stdout, where other programs
 * read, and it drops the code of a fault, by which one is told from another.
 */
function quiet(base: typeof Connection): typeof Connection {
  return class QuietConnection extends base {
    override request(...[parameters, done]: Parameters<Connection['request']>): ReturnType<Connection['request']> {
      let code: string | undefined
      const request = super.request(parameters, (error, response) => {
        if (error !== null) Object.assign(error, { code })
        else {
          request.removeAllListeners('error')
          request.on('error', () => undefined)
        }
        done(error, response)
      })
      request.prependListener('error', (error: NodeJS.ErrnoException) => {
        code = error.code
      })
      return request
    }
  }
}
