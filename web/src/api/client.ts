/** One way to the API: same origin, typed by its OpenAPI document, every failure an ApiError that a screen explains. */
import createClient from 'openapi-fetch'
import type { paths } from '../api.gen'

export class ApiError extends Error {
  readonly code: string
  /** 0: the server did not answer. */
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

export const api = createClient<paths>({ baseUrl: location.origin })

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer's data, or an ApiError. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>
  try {
    settled = await answer
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(0, 'unreachable', cause instanceof Error ? cause.message : String(cause), '')
  }
  const { data, error, response } = settled
  if (response.ok) return data as T
  const fault = faultOf(error)
  const path = new URL(response.url).pathname
  throw new ApiError(response.status, fault?.code ?? 'unexpected', fault?.message ?? response.statusText, path)
}

/** Leaves out what is not given: an absent parameter is not an empty one. Lists become comma lists. */
export function given<T extends Record<string, string | number | readonly string[] | undefined>>(
  values: T,
): {
  [K in keyof T]?: Extract<T[K], number> | (Extract<T[K], string | readonly string[]> extends never ? never : string)
} {
  const kept = Object.entries(values).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(',') : value
    return text === undefined || text === '' ? [] : [[name, text] as const]
  })
  return Object.fromEntries(kept) as ReturnType<typeof given<T>>
}

function faultOf(body: unknown): { code: string; message: string } | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  const fault = body.error
  if (typeof fault !== 'object' || fault === null || !('code' in fault) || !('message' in fault)) return undefined
  return { code: String(fault.code), message: String(fault.message) }
}
