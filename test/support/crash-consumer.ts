/**
 * A consumer that kills itself, as `kill -9` would, at the nth call of one of its effects. Run as a child process:
 * node crash-consumer.ts DATA_DIR KINESIS_ENDPOINT SLACK_API_URL POINT N. Without a point it runs until stdin ends.
 */
import { join } from 'node:path'
import { configSchema } from '../../src/app/config.ts'
import { startSystem } from '../../src/app/system.ts'
import { createFolderObjectStore } from '../../src/pipeline/forward/folder-object-store.ts'
import { createSlackWebNotifier } from '../../src/pipeline/notify/slack-web-notifier.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { openState } from '../../src/state/state.ts'

export type CrashPoint =
  | 'before-effects'
  | 'after-incidents'
  | 'after-archive'
  | 'after-checkpoint'
  | 'after-slack-post'

const [dataDir = '', endpoint = '', slackUrl = '', point = '', nth = '1'] = process.argv.slice(2)
let calls = 0
const dieAt = (here: CrashPoint): void => {
  if (here === point && ++calls === Number(nth)) process.kill(process.pid, 'SIGKILL')
}

const config = configSchema.parse({
  dataDir,
  lang: 'en',
  timeZone: 'Asia/Seoul',
  kinesis: { endpoint, region: 'ap-northeast-2', pollInterval: '100ms' },
  archive: { flushInterval: '300ms' },
  slack: { botToken: 'xoxb-test', apiUrl: slackUrl, channel: 'C0TEST00001', editInterval: '50ms' },
})
const state = await openState({ path: join(dataDir, 'state.db'), clock: systemClock })
const objects = createFolderObjectStore(join(dataDir, 'archive'))
const slack = createSlackWebNotifier({ token: 'xoxb-test', apiUrl: slackUrl, channel: 'C0TEST00001' })
const system = await startSystem({
  config,
  clock: systemClock,
  logger: createLogger('error'),
  random: Math.random,
  publicUrl: 'http://127.0.0.1:7070',
  adapters: {
    state: {
      ...state,
      incidents: {
        ...state.incidents,
        apply: async (events, plan) => {
          dieAt('before-effects')
          const result = await state.incidents.apply(events, plan)
          dieAt('after-incidents')
          return result
        },
      },
      checkpoints: {
        ...state.checkpoints,
        save: async (...checkpoint) => {
          await state.checkpoints.save(...checkpoint)
          dieAt('after-checkpoint')
        },
      },
    },
    archiveStore: {
      ...objects,
      putIfAbsent: async (key, bytes, facts) => {
        const written = await objects.putIfAbsent(key, bytes, facts)
        dieAt('after-archive')
        return written
      },
    },
    notifier: {
      ...slack,
      post: async (message, key, thread) => {
        const address = await slack.post(message, key, thread)
        dieAt('after-slack-post')
        return address
      },
    },
  },
})
const source = system.consume({ runner: 'poll', endpoint, environment: {} })
const reading = source.run(system.stopping)
system.own('consumer', () => reading.catch(() => undefined))
process.stdin.resume()
process.stdin.once('end', () => void system.stop().then(() => process.exit(0)))
