/**
 * CaliError: an error whose message a person can act on. `code` is stable for machines; `retryable` is set by the
 * adapter that saw the fault, because only it knows; one place (platform/retry.ts) decides what to do about it.
 */
export class CaliError extends Error {
  readonly code: string
  readonly retryable: boolean
  /** Wait asked for by the other side (Retry-After), milliseconds. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: string,
    message: string,
    options: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CaliError'
    this.code = code
    this.retryable = options.retryable ?? false
    this.retryAfterMs = options.retryAfterMs
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** True for the error that an aborted AbortSignal makes its operations throw. */
export const isAbort = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'AbortError' || (error as { code?: string }).code === 'ABORT_ERR')
