import { afterEach, beforeEach, expect, it } from 'vitest'
import { type FakeSlack, startFakeSlack } from '../../../test/support/fake-slack.ts'
import { createSlackWebNotifier } from './slack-web-notifier.ts'

let slack: FakeSlack
beforeEach(async () => {
  slack = await startFakeSlack()
})
afterEach(() => slack.stop())

const MESSAGE = {
  text: 'SEV2 order',
  blocks: [{ type: 'header' as const, text: { type: 'plain_text' as const, text: 'SEV2 order' } }],
}
const key = (incident: string) => ({ incident, part: 'root' as const })

it('finds its messages in a channel that is named, whose history is read by id alone', async () => {
  const notifier = createSlackWebNotifier({ token: 'xoxb-test', apiUrl: slack.apiUrl, channel: 'alerts' })
  // Nothing has told the id yet.
  expect(await notifier.find(key('A'), 0)).toEqual([])
  const posted = await notifier.post(MESSAGE, key('A'))
  expect(posted.channel).toBe('C0TEST00001')
  expect(await notifier.find(key('A'), 0)).toEqual([posted])
  expect(await notifier.find(key('B'), 0)).toEqual([])
})
