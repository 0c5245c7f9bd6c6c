import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { releaseNotes } from '../../.github/release-notes.ts'

const CHANGELOG = `# Changelog

## [1.2.3] - 2026-02-28

### Added

- One thing. [1.2.2] had it not.

## [1.2.2] - 2026-01-20

### Fixed

- Another.

[1.2.3]: https://example.com/compare/v1.2.2...v1.2.3
`
const FITTING = {
  tag: 'v1.2.3',
  changelog: CHANGELOG,
  packageVersion: '1.2.3',
  chart: "apiVersion: v2\nname: cali\nversion: 1.2.3\nappVersion: '1.2.3' # of the program\n",
}

test('the notes are the section of the version, without its heading and without the next one', () => {
  expect(releaseNotes(FITTING)).toEqual({ text: '### Added\n\n- One thing. [1.2.2] had it not.' })
})

test('the last section ends before the links', () => {
  const older = {
    tag: 'v1.2.2',
    packageVersion: '1.2.2',
    chart: 'version: 1.2.2\nappVersion: 1.2.2',
    changelog: CHANGELOG,
  }
  expect(releaseNotes(older)).toEqual({ text: '### Fixed\n\n- Another.' })
})

test('a changelog with the line ends of Windows gives the same notes', () => {
  expect(releaseNotes({ ...FITTING, changelog: CHANGELOG.replaceAll('\n', '\r\n') })).toEqual(releaseNotes(FITTING))
})

test.each([
  ['a tag that is no version', { tag: 'v1.2' }, 'the tag is "v1.2": v1.2.3 or v1.2.3-rc.1 is accepted'],
  [
    'a package of another version',
    { packageVersion: '1.2.2' },
    'version of package.json is "1.2.2", the tag says "1.2.3"',
  ],
  [
    'a chart of another version',
    { chart: 'version: 1.2.2\nappVersion: 1.2.3' },
    'version of deploy/helm/cali/Chart.yaml is "1.2.2", the tag says "1.2.3"',
  ],
  [
    'a chart for another program',
    { chart: 'version: 1.2.3\nappVersion: 1.2.2' },
    'appVersion of deploy/helm/cali/Chart.yaml is "1.2.2", the tag says "1.2.3"',
  ],
  [
    'no section',
    { changelog: CHANGELOG.replace('[1.2.3] -', '[1.2.4] -') },
    'CHANGELOG.md has no section "## [1.2.3] - YYYY-MM-DD"',
  ],
  [
    'a section that is not dated yet',
    { changelog: CHANGELOG.replace('2026-02-28', 'Unreleased') },
    'CHANGELOG.md dates 1.2.3 "Unreleased": a date is accepted, e.g. 2026-01-20',
  ],
  [
    'a day that is none',
    { changelog: CHANGELOG.replace('2026-02-28', '2026-02-30') },
    'CHANGELOG.md dates 1.2.3 "2026-02-30": a date is accepted, e.g. 2026-01-20',
  ],
  [
    'a section without a word',
    { changelog: '## [1.2.3] - 2026-02-28\n\n## [1.2.2] - 2026-01-20\n' },
    'the section of 1.2.3 in CHANGELOG.md is empty',
  ],
])('is refused: %s', (_, change, fault) => {
  expect(releaseNotes({ ...FITTING, ...change })).toEqual({ faults: [fault] })
})

test('the command names every fault and ends with 1, so that nothing is pushed', () => {
  const script = fileURLToPath(new URL('../../.github/release-notes.ts', import.meta.url))
  const run = spawnSync(process.execPath, [script, 'v999.0.0'], { encoding: 'utf8' })
  expect(run.status).toBe(1)
  expect(run.stdout).toBe('')
  expect(run.stderr).toContain('package.json is "')
  expect(run.stderr).toContain('Chart.yaml is "')
  expect(run.stderr).toContain('CHANGELOG.md has no section "## [999.0.0] - YYYY-MM-DD"')
})
