/**
 * Check of the documentation: paths and links lead somewhere, the two languages have the same shape, generated pages
 * are up to date. Prints one line per fault; exit code 1 when there is one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configurationPage, PAGES } from './docs-configuration.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const faults: string[] = []

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8').replaceAll('\r\n', '\n')
const pages = (folder: string): string[] =>
  existsSync(join(ROOT, folder))
    ? readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith('.md'))
        .sort()
    : []

/** Top-level names of the repository: text that begins with one of them and a slash is a path. */
const TOP = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !['node_modules', '.git', '.cali'].includes(entry.name))
  .map((entry) => entry.name)
/** Made by a build or a run, so that a fresh checkout has none of them. */
const MADE = /^(?:web\/dist|coverage|openapi\.json)(?:\/|$)|\.tfstate$/

for (const page of [
  ...pages('.'),
  ...['docs', 'docs/en', 'docs/ko', 'docs/en/tutorial', 'docs/ko/tutorial'].flatMap((folder) =>
    pages(folder).map((name) => `${folder}/${name}`),
  ),
])
  checkPage(page)
checkLanguages()
for (const language of ['en', 'ko'] as const) {
  const path = PAGES[language]
  if (!existsSync(join(ROOT, path)) || read(path) !== configurationPage(language))
    faults.push(`${path}: is not what the schema says. Run: npm run generate:docs`)
}

for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
else console.log('documentation: paths, links, languages and generated pages are in order')

function checkPage(page: string): void {
  const text = read(page)
  for (const { line, n } of prose(text)) {
    for (const [, quoted] of line.matchAll(/`([^`\s]+)`/g)) {
      if (quoted !== undefined && isPath(quoted) && !exists(quoted)) faults.push(`${page}:${n}: there is no ${quoted}`)
    }
    for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) if (target !== undefined) checkLink(page, n, target)
    for (const [, target] of line.matchAll(/(?:src|href)="([^"]+)"/g)) {
      if (target !== undefined) checkLink(page, n, target)
    }
  }
}

/** Lines outside fenced code, with their number. */
function prose(text: string): { line: string; n: number }[] {
  let fenced = false
  return text.split('\n').flatMap((line, i) => {
    if (/^\s*```/.test(line)) fenced = !fenced
    return fenced ? [] : [{ line, n: i + 1 }]
  })
}

function isPath(text: string): boolean {
  const path = text.replace(/[:#].*$/, '')
  return !/[*<>{}…]/.test(path) && !MADE.test(path) && TOP.some((name) => path.startsWith(`${name}/`))
}

function exists(path: string): boolean {
  return existsSync(join(ROOT, path.replace(/[:#].*$/, '')))
}

function checkLink(page: string, n: number, target: string): void {
  if (/^(?:https?:|mailto:)/.test(target)) return
  const [path = '', anchor] = target.split('#', 2)
  const file = path === '' ? page : posix.normalize(posix.join(dirname(page).replaceAll('\\', '/'), decodeURI(path)))
  if (!existsSync(join(ROOT, file))) {
    faults.push(`${page}:${n}: the link ${target} leads nowhere`)
    return
  }
  if (anchor !== undefined && file.endsWith('.md') && !anchorsOf(read(file)).has(decodeURIComponent(anchor)))
    faults.push(`${page}:${n}: ${file} has no heading #${anchor}`)
}

/** Anchors as GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>()
  for (const { line } of prose(text)) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1]
    if (heading === undefined) continue
    const base = heading
      .toLowerCase()
      .replace(/[`*]/g, '')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-')
    let anchor = base
    for (let i = 1; anchors.has(anchor); i++) anchor = `${base}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

/** The same pages in both languages, with as many headings of each level and blocks of code. */
function checkLanguages(): void {
  const pairs: [string, string][] = [['README.md', 'README.ko.md']]
  for (const below of ['', '/tutorial']) {
    const [english, korean] = [pages(`docs/en${below}`), pages(`docs/ko${below}`)]
    for (const name of english)
      if (korean.includes(name)) pairs.push([`docs/en${below}/${name}`, `docs/ko${below}/${name}`])
      else faults.push(`docs/ko${below}/${name}: is missing; docs/en has it`)
    for (const name of korean)
      if (!english.includes(name)) faults.push(`docs/en${below}/${name}: is missing; docs/ko has it`)
  }
  for (const [one, other] of pairs) {
    const [a, b] = [shapeOf(read(one)), shapeOf(read(other))]
    for (const part of Object.keys(a) as (keyof typeof a)[]) {
      if (a[part] !== b[part]) faults.push(`${other}: ${part} ${b[part]}, but ${a[part]} in ${one}`)
    }
  }
}

function shapeOf(text: string) {
  const lines = prose(text).map(({ line }) => line)
  const levels = lines.flatMap((line) => /^(#{1,6})\s/.exec(line)?.[1]?.length ?? [])
  return {
    headings: levels.join(''),
    'code blocks': text
      .split('\n')
      .filter((line) => /^\s*```\S/.test(line))
      .join(' '),
    'table rows': lines.filter((line) => /^\|/.test(line)).length,
  }
}
