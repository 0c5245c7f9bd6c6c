/**
 * Terraform as the tests call it: a copy of `deploy/terraform` in a temporary folder, the provider from a mirror folder
 * (nothing is downloaded), no way to a real account.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { basename, join, parse } from 'node:path'
import { fileURLToPath } from 'node:url'

export const TERRAFORM_FOLDER = fileURLToPath(new URL('../../deploy/terraform/', import.meta.url))

const PROVIDER = join('registry.terraform.io', 'hashicorp', 'aws')
/** Folders of the system in which nobody keeps a mirror, and which are large or not real. */
const NOT_SEARCHED = new Set(['proc', 'sys', 'dev', 'run', 'tmp', 'node_modules', '.git'])

export const isTerraformThere = (): boolean =>
  spawnSync('terraform', ['version'], { stdio: 'ignore', env: quietEnvironment() }).status === 0

/**
 * Folder of `registry.terraform.io/hashicorp/aws/<version>/<platform>/…`: CALI_TF_MIRROR, else what lies at most six
 * levels below the root, else Terraform's own folder of the user. `CALI_TF_MIRROR=registry` downloads instead.
 */
export function findMirror(): string | undefined {
  const told = process.env['CALI_TF_MIRROR']
  if (told !== undefined && told !== '') return told
  const own = join(homedir(), '.terraform.d', 'plugins')
  if (existsSync(join(own, PROVIDER))) return own
  return process.platform === 'win32' ? undefined : search(parse(process.cwd()).root, 2)
}

function search(folder: string, deeper: number): string | undefined {
  if (existsSync(join(folder, PROVIDER))) return folder
  if (deeper === 0) return undefined
  for (const entry of entriesOf(folder)) {
    if (!entry.isDirectory() || NOT_SEARCHED.has(entry.name)) continue
    const found = search(join(folder, entry.name), deeper - 1)
    if (found !== undefined) return found
  }
  return undefined
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

/** Why tests that need the provider cannot run here; undefined when they can. */
export function missingForProvider(): string | undefined {
  if (!isTerraformThere()) return 'terraform is not installed: no program of that name on the PATH'
  return findMirror() === undefined
    ? 'there is no provider mirror: set CALI_TF_MIRROR to a folder that "terraform providers mirror" filled, or to "registry" to download'
    : undefined
}

export interface Ran {
  readonly code: number
  readonly output: string
}

export interface Workplace {
  readonly folder: string
  /** Runs terraform in a folder of the copy, e.g. `modules/kinesis`. */
  run(inside: string, args: readonly string[], environment?: Readonly<Record<string, string>>): Promise<Ran>
  remove(): void
}

/** A copy that tests may write to. State, plans and settings of the original stay behind. */
export function openWorkplace(): Workplace {
  const folder = mkdtempSync(join(tmpdir(), 'cali-terraform-'))
  cpSync(TERRAFORM_FOLDER, folder, {
    recursive: true,
    filter: (source) => !/^\.terraform|\.tfstate|\.tfvars$/.test(basename(source)),
  })
  const settings = join(folder, 'terraform.rc')
  writeFileSync(settings, settingsFor(findMirror()))
  return {
    folder,
    run: (inside, args, environment) =>
      run(join(folder, inside), args, {
        ...quietEnvironment(),
        TF_CLI_CONFIG_FILE: settings,
        ...environment,
      }),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

function settingsFor(mirror: string | undefined): string {
  if (mirror === undefined || mirror === 'registry') return 'disable_checkpoint = true\n'
  return `disable_checkpoint = true
provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(mirror)}
    include = ["hashicorp/aws"]
  }
  direct {
    exclude = ["hashicorp/aws"]
  }
}
`
}

/** Whatever account this machine is logged in to, and whatever it sets for Terraform, is none of the tests' business. */
export const quietEnvironment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(?:AWS|TF)_/.test(name))),
  TF_IN_AUTOMATION: '1',
  CHECKPOINT_DISABLE: '1',
})

function run(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('terraform', [...args, '-no-color'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
