/**
 * Notes of a release, on stdout: `node .github/release-notes.ts v1.2.3`. They are the section of that version in
 * CHANGELOG.md. Exit code 1 where tag, package.json, the Helm chart and the changelog do not say the same.
 */
import { readFileSync } from 'node:fs'

export interface Versions {
  /** As it was pushed, e.g. `v1.2.3`. */
  readonly tag: string
  readonly changelog: string
  readonly packageVersion: string
  /** Text of Chart.yaml. */
  readonly chart: string
}

export type Notes = { readonly text: string } | { readonly faults: readonly string[] }

const TAG = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/

export function releaseNotes({ tag, changelog, packageVersion, chart }: Versions): Notes {
  const version = TAG.exec(tag)?.[1]
  if (version === undefined) return { faults: [`the tag is "${tag}": v1.2.3 or v1.2.3-rc.1 is accepted`] }
  const faults: string[] = []
  const expect = (where: string, value: string | undefined): void => {
    if (value !== version) faults.push(`${where} is "${value}", the tag says "${version}"`)
  }
  expect('version of package.json', packageVersion)
  expect('version of deploy/helm/cali/Chart.yaml', fieldOf(chart, 'version'))
  expect('appVersion of deploy/helm/cali/Chart.yaml', fieldOf(chart, 'appVersion'))
  const section = sectionOf(changelog, version)
  if (section === undefined) faults.push(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD"`)
  else if (!isDate(section.date))
    faults.push(`CHANGELOG.md dates ${version} "${section.date}": a date is accepted, e.g. 2026-01-20`)
  else if (section.text === '') faults.push(`the section of ${version} in CHANGELOG.md is empty`)
  return faults.length > 0 || section === undefined ? { faults } : { text: section.text }
}

/** A plain field at the top of a YAML file. Read without a library: the job that publishes installs no packages. */
const fieldOf = (yaml: string, name: string): string | undefined =>
  new RegExp(`^${name}: *['"]?([^'"#\\s]+)`, 'm').exec(yaml)?.[1]

/** What stands between the heading of a version and the next one, without links to versions at the end of the file. */
function sectionOf(changelog: string, version: string): { date: string; text: string } | undefined {
  const lines = changelog.replaceAll('\r\n', '\n').split('\n')
  const heading = (line: string): RegExpExecArray | null => /^## \[([^\]]+)\](?: - (.*))?$/.exec(line.trimEnd())
  const start = lines.findIndex((line) => heading(line)?.[1] === version)
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^## /.test(line) || /^\[[^\]]+\]: /.test(line))
  return {
    date: heading(lines[start] ?? '')?.[2]?.trim() ?? '',
    text: (end === -1 ? rest : rest.slice(0, end)).join('\n').trim(),
  }
}

/** A day that exists: the 31st of February is none. */
function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00Z`)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

if (import.meta.main) {
  const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const notes = releaseNotes({
    tag: process.argv[2] ?? '',
    changelog: read('CHANGELOG.md'),
    packageVersion: JSON.parse(read('package.json')).version,
    chart: read('deploy/helm/cali/Chart.yaml'),
  })
  if ('faults' in notes) {
    for (const fault of notes.faults) process.stderr.write(`${fault}\n`)
    process.exitCode = 1
  } else process.stdout.write(`${notes.text}\n`)
}
