import type { Command } from 'commander'
import { z } from 'zod'
import { configSchema, languageOf } from '../../app/config.ts'
import { settingsView } from '../../app/settings-view.ts'
import type { UiLanguage } from '../../pipeline/incident.ts'
import { loadCommandConfig } from '../command-config.ts'
import { dim, green, padEnd } from '../terminal.ts'

const ACCEPTED: Readonly<Record<UiLanguage, (file: string | undefined) => string>> = {
  en: (file) => `${file ?? 'no cali.yaml, the defaults and the environment'}: accepted`,
  ko: (file) => `${file ?? 'cali.yaml 없음, 기본값과 환경 변수'}: 문제없습니다`,
}

export function registerConfig(program: Command): void {
  const config = program.command('config').description('Settings: cali.yaml, CALI_… variables and flags')
  const load = () => loadCommandConfig(program)

  config
    .command('print')
    .description('Effective values and where each comes from; secrets are masked')
    .option('--json', 'machine output')
    .action((flags: { json?: boolean }) => {
      const settings = settingsView(load())
      if (flags.json === true) return console.log(JSON.stringify(settings))
      for (const { key, value, origin } of settings)
        console.log(`  ${padEnd(key, 28)}${padEnd(value === '' ? dim('-') : value, 36)}${dim(origin)}`)
    })

  config
    .command('schema')
    .description('JSON Schema of cali.yaml, for editors')
    .action(() =>
      console.log(JSON.stringify(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }), null, 2)),
    )

  config
    .command('check')
    .description('Say whether the configuration is accepted; exit code 2 when not')
    .action(() => {
      const loaded = load()
      console.log(`  ${green('✓')} ${ACCEPTED[languageOf(loaded.value)](loaded.file)}`)
    })
}
