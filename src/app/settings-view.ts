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
    const text =
      value === undefined ? '' : secret ? '********' : typeof value === 'string' ? value : JSON.stringify(value)
    return {
      key: path,
      value: text,
      origin:
        origin === 'environment' ? `environment ${variable}` : origin === 'file' ? (loaded.file ?? 'file') : origin,
      description: describeKey(path),
    }
  })
}

/** The description that the schema gives a key; empty where the name says it all. */
export function describeKey(path: string): string {
  let schema: z.ZodType = configSchema
  for (const part of path.split('.')) {
    while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodPrefault)
      schema = schema.unwrap() as z.ZodType
    schema = (schema as z.ZodObject).shape[part] as z.ZodType
  }
  return (
    schema.description ??
    (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
      ? ((schema.unwrap() as z.ZodType).description ?? '')
      : '')
  )
}
