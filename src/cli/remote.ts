/** Remote: the running program, asked over its API. */
import { readConfig } from '../app/config.ts'
import { runningAt } from '../app/instance-lock.ts'
import { processEnvironment } from '../platform/config/environment.ts'
import { CaliError, messageOf } from '../platform/error.ts'

export interface Remote {
  readonly url: string
  get<T>(path: string): Promise<T>
  send<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T>
  /** Sends bytes to a source; resolves when they are stored. Throws a retryable CaliError when asked to come again. */
  upload(path: string, body: Uint8Array, contentType: string): Promise<{ accepted: number; rejected: number }>
  stream(path: string, signal: AbortSignal): Promise<Response>
}

export interface RemoteFlags {
  readonly url?: string
  readonly dataDir?: string
  readonly config?: string
}

/** The program named by --url or CALI_URL, else the one that runs with this folder's data. */
export function findRemote(flags: RemoteFlags): Remote {
  const environment = processEnvironment()
  const { value: config } = readConfig({
    environment,
    ...(flags.config === undefined ? {} : { file: flags.config }),
    flags: { dataDir: flags.dataDir },
  })
  const url = (flags.url ?? environment['CALI_URL'] ?? runningAt(config.dataDir))?.replace(/\/$/, '')
  if (url === undefined)
    throw new CaliError(
      'not_running',
      `no running program found for ${config.dataDir}. Start it with "npm start", or name one with --url http://HOST:7070`,
    )
  const headers: Record<string, string> =
    config.server.token === undefined ? {} : { authorization: `Bearer ${config.server.token}` }
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response
    try {
      response = await fetch(url + path, {
        ...init,
        headers: { ...headers, ...(init.headers as Record<string, string> | undefined) },
      })
    } catch (error) {
      const cause = (error as { cause?: { code?: string } }).cause?.code
      throw new CaliError(
        'unreachable',
        `${url}: nothing answers (${cause ?? messageOf(error)}). Is the program running?`,
        { cause: error, retryable: true },
      )
    }
    if (response.ok) return response
    const text = await response.text()
    const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
    throw new CaliError(response.status === 401 ? 'unauthorized' : 'refused', describe(text, response.status), {
      retryable: response.status === 429 || response.status >= 500,
      ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
    })
  }
  return {
    url,
    get: async (path) => (await call(path, {})).json() as never,
    send: async (method, path, body) => {
      const response = await call(path, {
        method,
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
      return (response.status === 204 ? undefined : await response.json()) as never
    },
    upload: async (path, body, contentType) =>
      (
        await call(path, { method: 'POST', body: Buffer.from(body), headers: { 'content-type': contentType } })
      ).json() as never,
    stream: (path, signal) => call(path, { signal }),
  }
}

function describe(text: string, status: number): string {
  try {
    const body = JSON.parse(text) as { error?: { message?: string }; rejections?: { detail: string }[] }
    return body.error?.message ?? body.rejections?.[0]?.detail ?? `the program answers ${status}`
  } catch {
    return `the program answers ${status}`
  }
}
