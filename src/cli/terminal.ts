/** Terminal: text for a person at a console. Log text is hostile: control characters never reach the terminal. */
import pc from 'picocolors'
import stringWidth from 'string-width'
import type { IncidentSeverity } from '../pipeline/incident.ts'

const CONTROL =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** Text from a log, safe to print on one line: control, bidi and zero-width characters become visible dots. */
export const plain = (text: string): string => text.replace(/[\t\n\r]+/g, ' ').replace(CONTROL, '·')

/** Columns of a text: Hangul takes two. */
export const columns = (text: string): number => stringWidth(text)

export function shorten(text: string, width: number): string {
  if (columns(text) <= width) return text
  let out = ''
  let used = 0
  for (const character of text) {
    const next = columns(character)
    if (used + next > width - 1) break
    out += character
    used += next
  }
  return `${out}…`
}

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)))

/** Breaks text at spaces to lines of at most `width` columns. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}

export const terminalWidth = (): number => Math.min(Math.max(process.stdout.columns ?? 120, 60), 160)

const SEVERITY_COLOURS: Readonly<Record<IncidentSeverity, (text: string) => string>> = {
  SEV1: (text) => pc.bold(pc.red(text)),
  SEV2: pc.red,
  SEV3: pc.yellow,
  SEV4: pc.blue,
}

/** Severity as its word, coloured where colours are on (NO_COLOR is honoured). */
export const severityWord = (severity: IncidentSeverity): string => SEVERITY_COLOURS[severity](severity)

export const { dim, bold, green, red, yellow } = pc
