/** Effective settings for people: value, origin and meaning; secrets masked. */
import { z } from 'zod'
import { configKeys, getPath, type Loaded } from '../platform/config/load.ts'
import { type Config, configSchema, SECRET_KEYS } from './config.ts'

export interface SettingView {
  readonly key: string
  readonly value: string
  readonly origin: string
  readonly description: string
}

export function settingsView(loaded: Loaded<Config>): readonly SettingView[] {
  return configKeys(configSchema, SECRET_KEYS).map(({ path, secret, variable }) => {
    const value = getPath(loaded.value, path.split('.'))
    const origin = loaded.origins.get(path) ?? 'default'
    const plain = typeof value === 'number' && isDuration(path) ? durationText(value) : value
    const text =
      plain === undefined ? '' : secret ? '********' : typeof plain === 'string' ? plain : JSON.stringify(plain)
    return {
      key: path,
      value: text,
      origin:
        origin === 'environment' ? `environment ${variable}` : origin === 'file' ? (loaded.file ?? 'file') : origin,
      description: describeKey(path),
    }
  })
}

/** Durations are written with a unit and held in milliseconds: shown as they are written. */
const isDuration = (path: string): boolean => schemaOf(path) instanceof z.ZodPipe

function durationText(ms: number): string {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const
  const unit = units.find(([, size]) => ms >= size && ms % size === 0)
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`
}

/** The description that the schema gives a key; empty where the name says it all. */
export function describeKey(path: string): string {
  const schema = schemaOf(path)
  return (
    schema.description ??
    (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
      ? ((schema.unwrap() as z.ZodType).description ?? '')
      : '')
  )
}

function schemaOf(path: string): z.ZodType {
  let schema: z.ZodType = configSchema
  for (const part of path.split('.')) {
    while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
      schema = schema.unwrap() as z.ZodType
    schema = (schema as z.ZodObject).shape[part] as z.ZodType
  }
  return schema
}
