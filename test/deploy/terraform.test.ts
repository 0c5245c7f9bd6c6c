/**
 * What can be said of `deploy/terraform` in a second: its text. The modules' own tests, against the real provider's schema,
 * are run by test/peers/terraform-modules.test.ts, and an example is applied by test/peers/terraform-local.test.ts.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COLUMNS } from '../../src/app/archive/parquet-part.ts'
import { isTerraformThere, quietEnvironment, TERRAFORM_FOLDER } from './terraform-program.ts'

const read = (name: string): string => readFileSync(join(TERRAFORM_FOLDER, name), 'utf8').replaceAll('\r\n', '\n')
const files = readdirSync(TERRAFORM_FOLDER, { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => !name.includes('.terraform/'))
  .sort()
const sources = files.filter((name) => name.endsWith('.tf'))
const foldersBelow = (parent: string): string[] => [
  ...new Set(sources.filter((name) => name.startsWith(`${parent}/`)).map((name) => dirname(name))),
]
const MODULES = foldersBelow('modules')
const EXAMPLES = foldersBelow('examples')

interface Block {
  readonly file: string
  /** First line up to the brace, e.g. `resource "aws_s3_bucket" "this"`. */
  readonly head: string
  readonly body: string
}

/** Blocks at the left edge, comments taken out. `terraform fmt` guarantees the edge. */
function blocksOf(file: string): Block[] {
  const text = read(file).replaceAll(/^\s*(?:#|\/\/).*$/gm, '')
  return [...text.matchAll(/^(\S[^\n]*?) \{\n([\s\S]*?)^\}/gm)].map(([, head = '', body = '']) => ({
    file,
    head,
    body,
  }))
}
const BLOCKS = sources.flatMap(blocksOf)
const resourcesOf = (type: string): Block[] => BLOCKS.filter(({ head }) => head.startsWith(`resource "${type}" `))
const where = ({ file, head }: Block): string => `${file}: ${head}`

/** Statements of policies: the innermost braces around an Effect. Templates are no braces. */
function statementsOf({ body }: Block): string[] {
  const text = body.replaceAll(/\$\{[^{}]*\}/g, '<value>')
  const found: string[] = []
  for (const match of text.matchAll(/\bEffect\s*=/g)) {
    let open = match.index
    for (let depth = 0; open >= 0 && depth < 1; open--) depth += text[open] === '{' ? 1 : text[open] === '}' ? -1 : 0
    let close = match.index
    for (let depth = 0; close < text.length && depth < 1; close++)
      depth += text[close] === '}' ? 1 : text[close] === '{' ? -1 : 0
    found.push(text.slice(open + 1, close))
  }
  return found
}
const STATEMENTS = BLOCKS.flatMap((block) => statementsOf(block).map((text) => ({ where: where(block), text })))
const settingOf = (statement: string, key: string): string =>
  new RegExp(`\\b${key}\\s*=\\s*(\\[[^\\]]*\\]|[^\\n,]*)`).exec(statement)?.[1] ?? ''

describe.skipIf(!isTerraformThere())(
  isTerraformThere()
    ? 'terraform fmt'
    : 'terraform fmt: terraform is not installed, no program of that name on the PATH',
  () => {
    test('has nothing to say', () => {
      const { status, stdout, stderr } = spawnSync(
        'terraform',
        ['fmt', '-check', '-diff', '-recursive', TERRAFORM_FOLDER],
        {
          encoding: 'utf8',
          env: quietEnvironment(),
        },
      )
      expect(stdout + stderr).toBe('')
      expect(status).toBe(0)
    })
  },
)

describe('least privilege', () => {
  test('the policies are found', () => {
    expect(STATEMENTS.length).toBeGreaterThan(25)
  })

  test('no action that is allowed has a wildcard', () => {
    for (const { where, text } of STATEMENTS) {
      if (text.includes('"Deny"')) continue
      const action = settingOf(text, 'Action')
      expect(action, `${where}\n${text}`).not.toBe('')
      expect(action, where).not.toContain('*')
    }
  })

  test('everything is a resource only where AWS has nothing narrower: in the policy of a key, and for network interfaces', () => {
    const all = STATEMENTS.filter(({ text }) =>
      /^\[?"\*"\]?$/.test(settingOf(text, 'Resource').replace(/ #.*$/, '').trim()),
    )
    expect(all.map(({ where, text }) => [where, settingOf(text, 'Sid').trim()])).toEqual([
      ['modules/alarms/main.tf: resource "aws_kms_key" "topic"', '"AdministeredByThisAccount"'],
      ['modules/alarms/main.tf: resource "aws_kms_key" "topic"', '"CloudWatchSendsAlarms"'],
      ['modules/lambda/rights.tf: locals', '"Network"'],
      ['modules/lambda/rights.tf: locals', '"NetworkNotByCode"'],
    ])
  })

  test('nobody is meant by a star, except to refuse', () => {
    for (const { where, text } of STATEMENTS)
      if (/Principal\s*=\s*"\*"|AWS\s*=\s*\[?"\*"/.test(text)) expect(text, where).toContain('"Deny"')
  })

  test('no policy of AWS that grants more is attached', () => {
    expect(
      BLOCKS.filter(({ head, body }) => head.includes('policy_attachment') || body.includes(':policy/')).map(where),
    ).toEqual([])
  })
})

describe('encryption and privacy', () => {
  const REQUIRED: readonly (readonly [string, RegExp])[] = [
    ['aws_kinesis_stream', /encryption_type\s*= var\.encrypted \? "KMS" : "NONE"/],
    ['aws_s3_bucket_server_side_encryption_configuration', /sse_algorithm\s*= local\.encryption/],
    ['aws_s3_bucket_public_access_block', /(?:(?:block|ignore|restrict)_public_\w+\s*= true\s*){4}/],
    ['aws_athena_workgroup', /encryption_option\s*=/],
    ['aws_dynamodb_table', /server_side_encryption \{\s*enabled\s*= true/],
    ['aws_db_instance', /storage_encrypted\s*= true[\s\S]*publicly_accessible\s*= false/],
    ['aws_db_parameter_group', /rds\.force_ssl"\s*value\s*= "1"/],
    [
      'aws_opensearch_domain',
      /encrypt_at_rest \{\s*enabled\s*= true[\s\S]*node_to_node_encryption \{\s*enabled\s*= true[\s\S]*enforce_https\s*= true/,
    ],
    ['aws_sns_topic', /kms_master_key_id\s*= aws_kms_key/],
    ['aws_kms_key', /enable_key_rotation\s*= true/],
  ]

  test.each(REQUIRED)('every %s has its protection', (type, pattern) => {
    expect(resourcesOf(type).length).toBeGreaterThan(0)
    for (const block of resourcesOf(type)) expect(block.body, where(block)).toMatch(pattern)
  })

  test('only the practice ground switches protection off', () => {
    const off = /^\s*(encrypted|require_tls|write_once|versioning|deletion_protection)\s*=\s*false/m
    expect(BLOCKS.filter(({ head, body }) => head.startsWith('module ') && off.test(body)).map(where)).toEqual([
      'examples/local/main.tf: module "stream"',
      'examples/local/main.tf: module "archive"',
    ])
  })

  test('nothing is let in from an address range', () => {
    for (const block of resourcesOf('aws_vpc_security_group_ingress_rule'))
      expect(block.body, where(block)).not.toContain('cidr')
  })

  test('a variable that holds a secret is marked as one', () => {
    const secrets = BLOCKS.filter(({ head }) =>
      /^variable "(?:\w*(?:token|password)|postgres_url|secret_environment)"/.test(head),
    )
    expect(secrets.length).toBeGreaterThan(2)
    for (const block of secrets) expect(block.body, where(block)).toMatch(/sensitive\s*= true/)
  })
})

describe('every module', () => {
  test.each(MODULES)('%s has versions, tests, and no provider of its own', (folder) => {
    const own = files.filter((name) => name.startsWith(`${folder}/`)).map((name) => posix.relative(folder, name))
    expect(own).toEqual(expect.arrayContaining(['README.md', 'main.tf', 'outputs.tf', 'variables.tf', 'versions.tf']))
    expect(own).toContain(`tests/${basename(folder)}.tftest.hcl`)
    expect(read(`${folder}/versions.tf`)).toContain('version = ">= 5.100, < 7.0"')
    expect(
      BLOCKS.filter(({ file, head }) => file.startsWith(`${folder}/`) && head.startsWith('provider')).map(where),
    ).toEqual([])
  })

  test.each([...MODULES, ...EXAMPLES])('%s describes each variable and output, with its type', (folder) => {
    for (const block of BLOCKS.filter(({ file }) => dirname(file) === folder)) {
      if (/^(?:variable|output) /.test(block.head)) expect(block.body, where(block)).toMatch(/^ {2}description = ".+"/m)
      if (block.head.startsWith('variable ')) expect(block.body, where(block)).toMatch(/^ {2}type\s+= /m)
    }
  })

  test.each(MODULES)('%s names its inputs and outputs in the README, and no others', (folder) => {
    const names = (kind: string): string[] =>
      BLOCKS.flatMap(({ file, head }) =>
        dirname(file) === folder ? [new RegExp(`^${kind} "(\\w+)"`).exec(head)?.[1] ?? ''] : [],
      )
        .filter((name) => name !== '')
        .sort()
    const told = (title: string): string[] =>
      [...(read(`${folder}/README.md`).split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)`/gm)]
        .map(([, name = '']) => name)
        .sort()
    expect(told('Inputs')).toEqual(names('variable'))
    expect(told('Outputs')).toEqual(names('output'))
  })
})

test('the columns for Athena are those that cali archive compact writes', () => {
  const types = { STRING: 'string', INT32: 'int', TIMESTAMP: 'timestamp' }
  const told = read('modules/archive/variables.tf').matchAll(/\{ name = "(\w+)", type = "(\w+)"/g)
  expect([...told].map(([, name, type]) => [name, type])).toEqual(COLUMNS.map(({ name, type }) => [name, types[type]]))
})

describe('every example', () => {
  test.each(EXAMPLES)('%s says its commands for bash and PowerShell and gives what CALI needs', (folder) => {
    const readme = read(`${folder}/README.md`)
    expect(readme).toContain('```bash')
    expect(readme).toContain('```powershell')
    const outputs = read(`${folder}/outputs.tf`)
    for (const name of ['stream', 'bucket', 'region', 'role_arns', 'cali_environment'])
      expect(outputs).toContain(`output "${name}" {`)
  })

  test('each variable of CALI that is named is a setting', () => {
    const page = readFileSync(new URL('../../docs/en/configuration.md', import.meta.url), 'utf8')
    const settings = new Set([...page.matchAll(/`(CALI_\w+)`/g)].map(([, name]) => name))
    const named = files
      .filter((name) => name !== 'README.md' && /\.(?:tf|hcl|md)$/.test(name))
      .flatMap((name) => read(name).match(/\bCALI_[A-Z0-9_]+[A-Z0-9]\b/g) ?? [])
    expect(new Set(named).size).toBeGreaterThan(10)
    expect(named.filter((name) => !settings.has(name))).toEqual([])
  })

  test('each component may read the secrets that the chart gives it, and no others', () => {
    const template = readFileSync(new URL('../../deploy/helm/cali/templates/_settings.tpl', import.meta.url), 'utf8')
    const kebab = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    const nameOf = new Map(
      [...template.matchAll(/^(\w+): (\w+)\.(\w+)$/gm)].map(([, secret, area, key = '']) => [
        secret,
        `${area}-${kebab(key)}`,
      ]),
    )
    const made = [...read('modules/secrets/variables.tf').matchAll(/^ {4}([a-z]+(?:-[a-z]+)+) += "/gm)].map(
      ([, name = '']) => name,
    )
    const listed = (text = ''): string[] => [...text.matchAll(/"([\w-]+)"/g)].map(([, name = '']) => name)
    const ofChart = (component: string): string[] => {
      const list = new RegExp(`eq \\.component "${component}" -\\}\\}\\n(\\[.*\\])`).exec(template)?.[1]
      expect(list, component).toBeDefined()
      return listed(list).map((secret) => nameOf.get(secret) ?? `? ${secret}`)
    }
    const roles = { consumer: ['consumer'], api: ['api'], jobs: ['setup', 'kb-sync', 'weekly-report', 'probe'] }
    const expected: Record<string, string[]> = { worker: made }
    for (const [role, components] of Object.entries(roles)) {
      const names = components.flatMap(ofChart)
      expected[role] = made.filter((name) => names.includes(name))
    }
    const block = /secrets_of = \{\n([\s\S]*?)\n {2}\}/.exec(read('examples/complete/main.tf'))?.[1] ?? ''
    const told = [...block.matchAll(/^ +(\w+) += (\[.*\])$/gm)].map(([, role = '', list]) => [role, listed(list)])
    const sorted = (lists: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(lists).map(([role, names]) => [role, names.toSorted()]))
    expect(made.length).toBeGreaterThan(4)
    expect(sorted(Object.fromEntries(told))).toEqual(sorted(expected))
  })

  test('the function runs on the Node.js that CALI needs', () => {
    expect(read('modules/lambda/variables.tf')).toMatch(/variable "runtime" \{[\s\S]*?default\s+= "nodejs24\.x"/)
    expect(read('examples/minimal/variables.tf')).toMatch(
      /variable "function_runtime" \{[\s\S]*?default\s+= "nodejs24\.x"/,
    )
  })
})
