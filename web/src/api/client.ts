/** One way to the API: same origin, JSON, and every failure as an ApiError that a screen can explain. */

export class ApiError extends Error {
  readonly code: string
  readonly status: number
  readonly path: string

  constructor(status: number, code: string, message: string, path: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.path = path
  }
}

export type Params = Record<string, string | number | readonly string[] | undefined>

export function withParams(path: string, params: Params): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) continue
    query.set(name, Array.isArray(value) ? value.join(',') : String(value))
  }
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}

export async function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  return call<T>(withParams(path, params), signal === undefined ? {} : { signal })
}

export async function send<T>(method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
  return call<T>(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : String(cause), path)
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok && body !== undefined) return body as T
  const fault = faultOf(body)
  throw new ApiError(response.status, fault?.code ?? 'unexpected', fault?.message ?? response.statusText, path)
}

function faultOf(body: unknown): { code: string; message: string } | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  const fault = body.error
  if (typeof fault !== 'object' || fault === null || !('code' in fault) || !('message' in fault)) return undefined
  return { code: String(fault.code), message: String(fault.message) }
}
