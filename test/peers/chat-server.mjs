/**
 * A small chat model behind the OpenAI API: `node chat-server.mjs FOLDER MODEL.gguf` prints its port. Plain JavaScript,
 * because its engine is installed outside the project. One request at a time.
 */
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, weights] = process.argv.slice(2)
const entry = createRequire(join(folder, 'package.json')).resolve('node-llama-cpp')
const { getLlama, LlamaChat } = await import(pathToFileURL(entry).href)
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' })
const model = await llama.loadModel({ modelPath: weights })
const sequence = (await model.createContext({ contextSize: 4096, threads: 2 })).getSequence()

const grammarOf = (format) =>
  format?.type === 'json_schema' ? llama.createGrammarForJsonSchema(format.json_schema.schema) : undefined

async function complete(body, signal) {
  let tokens = 0
  const history = body.messages.map(({ role, content }) =>
    role === 'assistant' ? { type: 'model', response: [content] } : { type: role, text: content },
  )
  const result = await new LlamaChat({ contextSequence: sequence }).generateResponse(
    [...history, { type: 'model', response: [] }],
    {
      grammar: await grammarOf(body.response_format),
      maxTokens: body.max_completion_tokens ?? body.max_tokens ?? 300,
      temperature: 0,
      repeatPenalty: { penalty: 1.1 },
      signal,
      stopOnAbortSignal: true,
      onToken: (made) => {
        tokens += made.length
      },
    },
  )
  return {
    id: 'chat',
    object: 'chat.completion',
    created: 0,
    model: 'smollm2-135m',
    choices: [
      {
        index: 0,
        finish_reason: result.metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
        message: { role: 'assistant', content: result.response, refusal: null },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: tokens, total_tokens: 1 + tokens },
  }
}

let queue = Promise.resolve()
const server = createServer(async (request, response) => {
  const answer = (status, value) => {
    if (response.destroyed) return
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  request.setEncoding('utf8')
  let text = ''
  for await (const part of request) text += part
  if (request.url !== '/v1/chat/completions')
    return answer(404, { error: { message: 'not found', type: 'invalid_request_error' } })
  queue = queue.then(async () => {
    if (gone.signal.aborted) return
    try {
      answer(200, await complete(JSON.parse(text), gone.signal))
    } catch (error) {
      answer(400, { error: { message: String(error), type: 'invalid_request_error' } })
    } finally {
      await sequence.clearHistory()
    }
  })
})
process.stdin.on('end', () => process.exit(0)).resume()
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`))
