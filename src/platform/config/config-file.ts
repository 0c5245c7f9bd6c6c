/** Config file: YAML to values, with the line of each key for messages. */
import { existsSync, readFileSync } from 'node:fs'
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { CaliError, messageOf } from '../error.ts'

export interface ConfigFile {
  /** A key without a value is a key that is not set. */
  readonly values: Record<string, unknown>
  /** Line of a key or list item, from 1; undefined when the file does not have it. */
  lineOf(path: readonly PropertyKey[]): number | undefined
}

/** Throws a CaliError that names file and line. */
export function readConfigFile(file: string): ConfigFile {
  if (!existsSync(file)) {
    throw new CaliError(
      'config_missing',
      `${file}: there is no such file. Without --config, cali.yaml in the working folder is read if it exists.`,
    )
  }
  const counter = new LineCounter()
  const document = parseDocument(readText(file), { lineCounter: counter, prettyErrors: false })
  const [fault] = document.errors
  if (fault !== undefined)
    throw new CaliError(
      'config_invalid',
      `${file}:${counter.linePos(fault.pos[0]).line}: is not YAML: ${fault.message}`,
    )
  const value = toValues(document, file)
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CaliError('config_invalid', `${file}: a map of keys is expected, e.g. "slack:" with "channel:" below it`)
  }
  return {
    values: value as Record<string, unknown>,
    lineOf: (path) => {
      const parent = document.getIn(path.slice(0, -1), true)
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1))
        : undefined
      const node = pair?.key ?? document.getIn(path, true)
      return isNode(node) && node.range ? counter.linePos(node.range[0]).line : undefined
    },
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '')
  } catch (error) {
    throw new CaliError('config_invalid', `${file}: cannot be read (${messageOf(error)})`, { cause: error })
  }
}

function toValues(document: { toJS(): unknown }, file: string): object {
  try {
    return (withoutNulls(document.toJS()) ?? {}) as object
  } catch (error) {
    throw new CaliError('config_invalid', `${file}: cannot be read (${messageOf(error)})`, { cause: error })
  }
}

function withoutNulls(value: unknown): unknown {
  if (value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, child]) => (child === null ? [] : [[key, withoutNulls(child)]])),
  )
}
