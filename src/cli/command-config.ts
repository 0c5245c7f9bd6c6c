/** Command config: the settings that a command works with: its own flags over the environment over the file of --config. */
import type { Command } from 'commander'
import { type Config, readConfig } from '../app/config.ts'
import { processEnvironment } from '../platform/config/environment.ts'
import type { Loaded } from '../platform/config/load.ts'

/** `flags`: setting to value; those that were not given are undefined. */
export function loadCommandConfig(program: Command, flags: Readonly<Record<string, unknown>> = {}): Loaded<Config> {
  const file = program.opts<{ config?: string }>().config
  return readConfig({ environment: processEnvironment(), ...(file === undefined ? {} : { file }), flags })
}

export const commandConfig = (program: Command, flags?: Readonly<Record<string, unknown>>): Config =>
  loadCommandConfig(program, flags).value
