/**
 * Stack field: the stack trace of a JSON record as text, in the layout in which its language prints one. Libraries write
 * it as one string, as a list of lines, or taken apart into objects (Log4j's JsonLayout, Logback's JsonEncoder,
 * structlog's dict tracebacks).
 */
import { STACK_BIT, STACK_KEYS } from './field-names.ts'
import { asFields, asString, type Fields, type Flat, firstString } from './fields.ts'

const MAX_CAUSES = 10
const MAX_FRAMES = 200

/** The stack trace among the fields of an object, nested ones and flat ones alike; undefined when there is none. */
export function readStack(fields: Fields, flat: Flat): string | undefined {
  const text = firstString(flat, STACK_KEYS)
  if (text !== undefined) return text
  for (const key of (flat.lists & STACK_BIT) === 0 ? [] : Object.keys(flat.fields)) {
    const value = flat.fields[key]
    if (!Array.isArray(value) || value.length === 0 || !STACK_KEYS.includes(key)) continue
    if (value.every((line) => typeof line === 'string')) return value.join('\n')
    if (asFields(value[0])?.['exc_type'] !== undefined) return pythonText(value)
  }
  for (const key of ['thrown', 'throwable', 'exception']) {
    const thrown = asFields(fields[key])
    if (thrown !== undefined && typeNameOf(thrown) !== undefined) return javaText(thrown)
  }
  return undefined
}

const typeNameOf = (thrown: Fields): string | undefined =>
  asString(thrown['className']) ?? asString(thrown['name']) ?? asString(thrown['exceptionClass'])

function javaText(top: Fields): string {
  const lines: string[] = []
  let thrown: Fields | undefined = top
  for (let i = 0; thrown !== undefined && i < MAX_CAUSES; i++) {
    const message: string | undefined = asString(thrown['message']) ?? asString(thrown['localizedMessage'])
    const title = `${typeNameOf(thrown) ?? 'Throwable'}${message === undefined ? '' : `: ${message}`}`
    lines.push(i === 0 ? title : `Caused by: ${title}`)
    const frames = thrown['stepArray'] ?? thrown['extendedStackTrace'] ?? thrown['stackTrace']
    for (const item of Array.isArray(frames) ? frames.slice(0, MAX_FRAMES) : []) {
      const frame = asFields(item) ?? {}
      const file = asString(frame['fileName']) ?? asString(frame['file']) ?? 'Unknown Source'
      const line = frame['lineNumber'] ?? frame['line']
      const method = `${frame['className'] ?? frame['class']}.${frame['methodName'] ?? frame['method']}`
      lines.push(`\tat ${method}(${file}${typeof line === 'number' ? `:${line}` : ''})`)
    }
    thrown = asFields(thrown['cause'])
  }
  return lines.join('\n')
}

/** structlog lists the exception that was raised first, then what caused it; Python prints them the other way round. */
function pythonText(list: readonly unknown[]): string {
  const parts = list.slice(0, MAX_CAUSES).map((item) => {
    const thrown = asFields(item) ?? {}
    const frames = Array.isArray(thrown['frames']) ? thrown['frames'].slice(0, MAX_FRAMES) : []
    const lines = frames.map((frame) => {
      const { filename, lineno, name } = asFields(frame) ?? {}
      return `  File "${filename}", line ${lineno}, in ${name}`
    })
    return ['Traceback (most recent call last):', ...lines, `${thrown['exc_type']}: ${thrown['exc_value']}`].join('\n')
  })
  const link = '\n\nThe above exception was the direct cause of the following exception:\n\n'
  return parts.reverse().join(link)
}
