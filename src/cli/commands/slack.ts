import type { Command } from 'commander'
import { languageOf } from '../../app/config.ts'
import { pickNotifier } from '../../app/notifiers.ts'
import { MESSAGE_TEXTS } from '../../pipeline/notify/catalogue.ts'
import { paragraph } from '../../pipeline/notify/message.ts'
import { systemClock } from '../../platform/clock.ts'
import { CaliError } from '../../platform/error.ts'
import { commandConfig } from '../command-config.ts'
import { findRemote, type RemoteFlags } from '../remote.ts'

export function registerSlack(program: Command): void {
  const slack = program.command('slack').description('Slack messages')

  slack
    .command('test')
    .description('Send a test message with the configured token or webhook')
    .option('--channel <channel>', 'id (C0123456789) or name of the channel')
    .action(async (flags: { channel?: string }) => {
      const config = commandConfig(program, { 'slack.channel': flags.channel })
      const notifier = pickNotifier(config, systemClock)
      if (notifier.mode === 'preview')
        throw new CaliError(
          'no_slack',
          'neither a bot token nor a webhook is configured. Set CALI_SLACK_BOT_TOKEN (scope chat:write) or CALI_SLACK_WEBHOOK_URL.',
        )
      const text = MESSAGE_TEXTS[languageOf(config)].test
      const at = await notifier.post({ text, blocks: [paragraph([{ text }])] }, { incident: 'test', part: 'test' })
      console.log(`  sent to ${notifier.mode === 'bot' ? `channel ${at.channel}` : 'the webhook'}`)
    })

  slack
    .command('preview')
    .description('Messages of the running program as JSON, block by block; the page /slack shows them drawn')
    .option('--url <address>', 'address of the program')
    .option('--data-dir <folder>', 'its data folder')
    .action(async (flags: RemoteFlags) => {
      const remote = findRemote({ ...flags, ...program.opts<{ config?: string }>() })
      console.error(`  drawn at ${remote.url}/slack`)
      console.log(JSON.stringify(await remote.get('/api/slack'), null, 2))
    })
}
