import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { startFakeSlack } from '../support/fake-slack.ts'
import { startTestSystem, temporaryFolder, until, untilDelivered } from '../support/system.ts'

const cleanups: (() => Promise<unknown> | undefined)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Slack's Socket Mode: hands out the address of a socket, takes acknowledgements. Web API calls go on to the fake Slack. */
async function startSocketMode(slackApi: string) {
  const acknowledged: string[] = []
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise((resolve) => sockets.once('listening', resolve))
  const port = (sockets.address() as { port: number }).port
  sockets.on('connection', (socket) => {
    socket.on('message', (data) => acknowledged.push((JSON.parse(String(data)) as { envelope_id: string }).envelope_id))
    socket.send(JSON.stringify({ type: 'hello', connection_info: { app_id: 'A1' }, num_connections: 1 }))
  })
  let refused = false
  const api = createServer((request, response) => {
    if (request.url?.endsWith('apps.connections.open') === true) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          JSON.stringify(refused ? { ok: false, error: 'invalid_auth' } : { ok: true, url: `ws://127.0.0.1:${port}` }),
        )
      return
    }
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const answer = await fetch(slackApi.replace(/\/api\/$/, '') + (request.url ?? ''), {
        method: 'POST',
        body: Buffer.concat(chunks),
        headers: { 'content-type': request.headers['content-type'] ?? '' },
      })
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
    })()
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const apiPort = (api.address() as { port: number }).port
  return {
    apiUrl: `http://127.0.0.1:${apiPort}/api/`,
    acknowledged,
    connected: () => sockets.clients.size > 0,
    click: (envelope: string, action: Record<string, unknown>) => {
      for (const socket of sockets.clients)
        socket.send(
          JSON.stringify({
            envelope_id: envelope,
            type: 'interactive',
            accepts_response_payload: true,
            payload: { type: 'block_actions', user: { id: 'U1', username: 'jihun', name: 'jihun' }, actions: [action] },
          }),
        )
    },
    refuse: (on: boolean) => {
      refused = on
    },
    drop: () => {
      for (const socket of sockets.clients) socket.terminate()
    },
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
      api.closeAllConnections()
      await new Promise((resolve) => api.close(resolve))
    },
  }
}

test('buttons of a message acknowledge, snooze and resolve, also after the socket was dropped and the token refused for a while', async () => {
  const folder = await temporaryFolder()
  const slack = await startFakeSlack()
  const socket = await startSocketMode(slack.apiUrl)
  const system = await startTestSystem(folder.path, {
    archive: { enabled: false },
    slack: {
      botToken: 'xoxb-test',
      appToken: 'xapp-test',
      apiUrl: socket.apiUrl,
      channel: 'C0TEST00001',
      editInterval: '20ms',
    },
  })
  cleanups.push(folder.remove, slack.stop, socket.stop, system.stop)
  await system.ingest({
    stream: 'test',
    shard: '0',
    records: [
      {
        sequence: '1',
        arrivedAt: Date.now(),
        data: Buffer.from('{"level":"error","service":"order-service","msg":"disk is full"}'),
      },
    ],
  })
  await untilDelivered(system)
  const [incident] = await system.state.incidents.list({})
  const id = incident?.id ?? ''
  const state = async () => (await system.state.incidents.get(id))?.state
  const root = slack.roots()[0]
  expect(JSON.stringify(root?.blocks)).toContain('cali_acknowledge')

  await until(socket.connected, 'the socket is open')
  socket.click('e1', { action_id: 'cali_acknowledge', value: id })
  await until(async () => (await state()) === 'acknowledged', 'acknowledged')
  await until(() => socket.acknowledged.includes('e1'), 'Slack got its answer')
  await until(() => root?.text.includes('acknowledged') === true, 'the message says so')

  socket.refuse(true)
  socket.drop()
  await until(() => !socket.connected(), 'the socket is gone')
  socket.refuse(false)
  await until(socket.connected, 'the socket is open again')
  socket.click('e2', { action_id: 'cali_snooze', selected_option: { value: `${id}:4` } })
  await until(
    async () => ((await system.state.incidents.get(id))?.mutedUntil ?? 0) > Date.now() + 3 * 3_600_000,
    'snoozed for four hours',
  )
  socket.click('e3', { action_id: 'cali_resolve', value: id })
  await until(async () => (await state()) === 'resolved', 'resolved')
  expect((await system.state.incidents.get(id))?.resolvedBy).toBe('jihun')
})
