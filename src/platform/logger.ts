import pino, { type Logger as PinoLogger } from 'pino'

/** What the program says about itself, as JSON lines on stderr. Values from logs under study never go in here. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error'>

export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, messageKey: 'message', formatters: { level: (label) => ({ level: label }) } },
    pino.destination(2),
  )
}

export const silentLogger: Logger = pino({ level: 'silent' })
