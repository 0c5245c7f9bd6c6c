/**
 * What the tutorial and the guides for installing, upgrading and security name, exists: paths, links, commands and their
 * options, settings and variables, values of the chart, variables and outputs of Terraform, workloads, images, versions.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { configSchema, SECRET_KEYS } from '../../src/app/config.ts'
import { configKeys } from '../../src/platform/config/load.ts'
import { AWS_SERVERS } from '../peers/aws-server.ts'
import { runCali } from '../support/program.ts'
import { type Fence, fencesOf, pagesOf, ROOT, readPage } from './tutorial-pages.ts'

const PAGES = (['ko', 'en'] as const).flatMap((language) => [
  ...pagesOf(`docs/${language}/tutorial`).map((name) => `docs/${language}/tutorial/${name}`),
  ...['install', 'upgrade', 'security'].map((name) => `docs/${language}/${name}.md`),
])
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

interface Page {
  readonly fences: readonly Fence[]
  readonly prose: string
  /** Inline code of the prose. */
  readonly quoted: readonly string[]
  /** All that may hold a command: inline code and blocks. */
  readonly commands: readonly string[]
}

function pageOf(path: string): Page {
  const text = readPage(path)
  const fences = fencesOf(text)
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, '')
  const quoted = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, inside = '']) => inside)
  const joined = fences
    .filter(({ language }) => language !== 'text' && language !== 'yaml')
    .flatMap((fence) => fence.text.replaceAll(/[\\`]\n\s*/g, ' ').split('\n'))
  return { fences, prose, quoted, commands: [...quoted, ...joined] }
}
const pages = new Map(PAGES.map((path) => [path, pageOf(path)]))
const each = PAGES.map((path) => [path, pages.get(path) as Page] as const)

const KEYS = configKeys(configSchema, SECRET_KEYS)
const SETTINGS = new Set(KEYS.map(({ path }) => path))
const VARIABLES = new Set([...KEYS.map(({ variable }) => variable), 'CALI_CONFIG', 'CALI_URL'])
const VALUES: unknown = parse(read('deploy/helm/cali/values.yaml'))

const isSetting = (path: string): boolean =>
  SETTINGS.has(path) || [...SETTINGS].some((key) => key.startsWith(`${path}.`))

/** A value of the chart. Below `config` stand CALI's settings; an image of a component has the keys of `image`. */
function isValue(path: string): boolean {
  if (path === 'config' || path.startsWith('config.')) return path === 'config' || isSetting(path.slice(7))
  const at = (names: readonly string[]): unknown =>
    names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], VALUES)
  const names = path.split('.')
  return at(names) !== undefined || (names.at(-2) === 'image' && at(['image', names.at(-1) ?? '']) !== undefined)
}

const leavesOf = (value: unknown, path: readonly string[] = []): string[] =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).flatMap(([name, inside]) => leavesOf(inside, [...path, name]))
    : [path.join('.')]

describe.each(each)('%s', (path, page) => {
  test('names only paths that exist, and links to them', () => {
    const top = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const words = page.commands.flatMap((text) => text.split(/[\s'"=,:]+/))
    const paths = words
      .filter(
        (word) =>
          top.some(({ name }) => word.startsWith(`${name}/`)) && !/[<>{}$…*]|\.tfstate|^deploy\/cali-/.test(word),
      )
      .map((word) => word.replace(/[.)]$/, ''))
    expect(paths.filter((one) => !existsSync(join(ROOT, one)))).toEqual([])
    const links = [...page.prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
    expect(links.filter((target) => !leadsSomewhere(path, target))).toEqual([])
  })

  test('names only settings, variables and values that exist', () => {
    const text = [page.prose, ...page.fences.map((fence) => fence.text)].join('\n')
    const variables = [...text.matchAll(/\bCALI_[A-Z0-9]+(?:_[A-Z0-9]+)*(?![A-Z0-9_…])/g)].map(([name]) => name)
    expect(variables.filter((name) => !VARIABLES.has(name) && !VARIABLES.has(name.replace(/_FILE$/, '')))).toEqual([])
    const files = /\.(?:yaml|md|json|txt|tfstate|pem|mjs|ts|tf|service|lua|sha256|log|js|com|internal)$/
    const dotted = page.quoted
      .map((word) => word.replace(/: .*$/, ''))
      .filter((word) => /^[a-z][A-Za-z0-9]*(?:\.[a-z][A-Za-z0-9]*)+$/.test(word) && !files.test(word))
    expect(dotted.filter((word) => !isSetting(word) && !isValue(word))).toEqual([])
    for (const fence of page.fences.filter(({ language }) => language === 'yaml')) {
      const tree: Record<string, unknown> = parse(fence.text)
      const known = 'image' in tree ? isValue : isSetting
      expect(leavesOf(tree).filter((leaf) => !known(leaf))).toEqual([])
    }
  })

  test('names only variables and outputs of Terraform that its example has', () => {
    for (const { text } of page.fences) {
      const [, example] = /deploy\/terraform\/examples\/(\w+)/.exec(text) ?? []
      if (example === undefined) continue
      const has = (kind: string, name: string): boolean =>
        read(`deploy/terraform/examples/${example}/${kind}s.tf`).includes(`${kind} "${name}" {`)
      const variables = [...text.matchAll(/(?:-var '?|\bTF_VAR_)(\w+)/g)].map(([, name = '']) => name)
      expect(variables.filter((name) => !has('variable', name))).toEqual([])
      const outputs = [...text.matchAll(/terraform output (?:-\w+ )?(\w+)/g)].map(([, name = '']) => name)
      expect(outputs.filter((name) => !has('output', name))).toEqual([])
    }
  })

  test('names only workloads that the chart makes, and scripts that the package has', () => {
    const manifests = readdirSync(join(ROOT, 'deploy/kubernetes'))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => read(`deploy/kubernetes/${name}`))
      .join('\n---\n')
    const kinds: Record<string, string> = { sts: 'StatefulSet', deploy: 'Deployment', svc: 'Service', job: 'Job' }
    const named = page.commands.flatMap((text) => [...text.matchAll(/\b(sts|deploy|svc|job)\/(cali-[a-z]+)/g)])
    for (const [, kind = '', name] of named)
      expect(manifests, `${kind}/${name}`).toMatch(RegExp(`kind: ${kinds[kind]}\\nmetadata:\\n  name: ${name}\\n`))
    const scripts = page.commands.flatMap((text) =>
      [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    )
    expect(Object.keys(JSON.parse(read('package.json')).scripts)).toEqual(expect.arrayContaining(scripts))
  })

  test('gives PowerShell what Windows PowerShell 5.1 has', () => {
    for (const { language, text } of page.fences)
      if (language === 'powershell') expect(text).not.toMatch(/&&|\|\||^export |^sudo |\$\(/m)
  })
})

test('what does not exist is found', () => {
  expect(isSetting('kinesis.stream')).toBe(true)
  expect(isSetting('kinesis.streams')).toBe(false)
  expect(isValue('networkPolicy.apiFrom')).toBe(true)
  expect(isValue('networkPolicy.apiTo')).toBe(false)
  expect(isValue('config.kinesis.streams')).toBe(false)
  expect(isValue('consumer.image.digest')).toBe(true)
  expect(leadsSomewhere('docs/en/install.md', 'archive.md#replay-it')).toBe(true)
  expect(leadsSomewhere('docs/en/install.md', 'archive.md#replay')).toBe(false)
})

test('each command of CALI that a page names exists, with its options', async () => {
  const help = new Map<string, Promise<string>>()
  const helpOf = (words: readonly string[]): Promise<string> => {
    const known = help.get(words.join(' ')) ?? runCali([...words, '--help']).then(({ stdout }) => stdout)
    help.set(words.join(' '), known)
    return known
  }
  const faults: string[] = []
  for (const [path, { commands }] of each)
    for (const text of commands)
      for (const [, line = ''] of text.matchAll(/(?:\bnpx cali|bin\/cali\.js|^cali)((?: [^\s;|&']+)+)/g)) {
        const words = line.trim().split(' ')
        // Options before the command are those of all commands.
        while (words[0]?.startsWith('--') === true && words[0] !== '--version') words.splice(0, 2)
        if (words.length === 0 || words[0] === '--version' || words[0] === '…') continue
        const [first = '', second = ''] = words
        const all = await helpOf([])
        if (!RegExp(`^  ${first}\\b`, 'm').test(all)) {
          faults.push(`${path}: cali ${first}`)
          continue
        }
        const group = await helpOf([first])
        const nested =
          RegExp(`^  ${second.replaceAll(/\W/g, '') || '-'}\\b`, 'm').test(group) && group.includes('Commands:')
        const own = nested ? await helpOf([first, second]) : group
        if (!nested && group.includes('Commands:')) faults.push(`${path}: cali ${first} ${second}`)
        for (const option of words.filter((word) => word.startsWith('--')))
          if (!RegExp(`${option}\\b`).test(own)) faults.push(`${path}: cali ${first} ${second} ${option}`)
      }
  expect(faults).toEqual([])
  expect(help.size).toBeGreaterThan(15)
})

test('images and versions of the tutorial are those that compose and the tests use', () => {
  const compose = read('deploy/compose/compose.yaml')
  for (const [path, page] of each.filter(([one]) => one.includes('/tutorial/'))) {
    for (const { text } of page.fences) {
      const images = [...text.matchAll(/(?:floci\/floci|fluent\/fluent-bit|milvusdb\/milvus):[\w.-]+/g)]
      for (const [image] of images) expect(compose, path).toContain(image)
      for (const [version] of text.matchAll(/ministack==[\d.]+/g))
        expect(version).toBe(AWS_SERVERS.ministack.requirement)
    }
  }
})

test('the tutorial has the same headings and tables in both languages', () => {
  const shapeOf = (path: string) => ({
    headings: [...(pages.get(path)?.prose.matchAll(/^(#{1,6}) /gm) ?? [])].map(([, level]) => level),
    rows: pages.get(path)?.prose.match(/^\|/gm)?.length,
  })
  for (const path of PAGES.filter((one) => one.startsWith('docs/ko/')))
    expect(shapeOf(path.replace('/ko/', '/en/')), path).toEqual(shapeOf(path))
})

function leadsSomewhere(page: string, target: string): boolean {
  if (/^https:\/\//.test(target)) return true
  const [path = '', anchor] = target.split('#', 2)
  const file = path === '' ? page : posix.normalize(posix.join(dirname(page).replaceAll('\\', '/'), path))
  if (!existsSync(join(ROOT, file))) return false
  return anchor === undefined || anchorsOf(read(file)).has(decodeURIComponent(anchor))
}

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): Set<string> =>
  new Set(
    [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6}\s+(.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[`*]/g, '')
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
